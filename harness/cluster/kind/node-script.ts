import type { Run } from '../../core/command.ts';
import { BlackstartError } from '../../core/errors.ts';

/** Wall milliseconds for one command in a node; those take about 0.1 s, several times that on a busy machine. */
export const nodeTimeoutMs = 15_000;

/** A fixed script as an argv that runs in a node, without the API. Values come in as arguments, never as text of the script. */
export function nodeScript(node: string, script: string, args: readonly string[] = []): readonly string[] {
  return ['docker', 'exec', node, 'sh', '-c', script, 'sh', ...args];
}

/** Runs a fixed script in a node; gives what it prints. */
export async function runInNode(run: Run, node: string, script: string, args: readonly string[] = []): Promise<string> {
  const { stdout } = await run(nodeScript(node, script, args), { timeoutMs: nodeTimeoutMs });
  return stdout;
}

/** A name of a container, static pod or unit: letters, digits and '-'. Throws `internal` for anything else. */
export function plainName(name: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) return name;
  throw new BlackstartError('internal', `'${name}' is not a plain name`);
}

/** A container's id: 12 to 64 hexadecimal digits. Throws `internal` for anything else. */
export function containerId(id: string): string {
  if (/^[0-9a-f]{12,64}$/.test(id)) return id;
  throw new BlackstartError('internal', `'${id}' is not a container id`);
}
