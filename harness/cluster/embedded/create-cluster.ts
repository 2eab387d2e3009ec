import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, openSync, closeSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pasteable } from '../../core/command.ts';
import { BlackstartError } from '../../core/errors.ts';
import type { Change } from '../../undo/change.ts';
import type { ClusterContext, ClusterSpec } from '../cluster.ts';
import { assertOurName } from '../ownership.ts';
import { longestName, type StateFolder } from './state-folder.ts';

export interface CreateOptions {
  readonly spec: ClusterSpec;
  readonly folder: StateFolder;
  readonly context: Pick<ClusterContext, 'signal'>;
  /** The cluster ends with this process; undefined: it stays until it is deleted. */
  readonly ownerPid: number | undefined;
}

/** Wall time for a cluster to be ready; `npm run bench` shows less than 2 s, two busy cores took 12. */
const readyTimeoutMs = 60_000;
const hostProgram = fileURLToPath(new URL('../../stage/host/main.ts', import.meta.url));
const deleteProgram = fileURLToPath(new URL('./delete-cluster.ts', import.meta.url));

/** The change that starts an embedded cluster; its undo ends it and removes its folder. */
export function createCluster(options: CreateOptions): Change {
  const { spec, folder } = options;
  assertOurName(spec.name);
  assertShortEnough(spec.name, dirname(folder.path));
  const argv = deleteCommand(folder);
  return {
    describe: `create cluster ${spec.name}`,
    undo: { argv, timeoutMs: 60_000 },
    needs: 'host',
    snapshot: async () => {
      if (!existsSync(folder.path)) return;
      throw new BlackstartError('usage', `There is already a cluster '${spec.name}'`, {
        hint: `Use it with --cluster ${spec.name}, or delete it: ${pasteable(argv)}`,
      });
    },
    apply: async () => await create(options),
    verify: async () =>
      existsSync(folder.path) ? [{ what: `cluster ${spec.name}: ${folder.path}`, command: pasteable(argv) }] : [],
  };
}

/** Ends a cluster and removes its folder; safe to run twice. */
export function deleteCommand(folder: StateFolder): readonly string[] {
  return [process.execPath, deleteProgram, folder.path];
}

/** Throws `usage` when the cluster's sockets could not be opened. */
function assertShortEnough(name: string, root: string): void {
  const longest = longestName(root);
  if (name.length <= longest) return;
  throw new BlackstartError(
    'usage',
    `'${name}' is too long: under ${root} the name of a cluster has at most ${longest} characters`,
    { hint: 'Give it a shorter name, or set BLACKSTART_EMBEDDED_DIR to a folder with a shorter path.' },
  );
}

async function create({ spec, folder, context, ownerPid }: CreateOptions): Promise<void> {
  mkdirSync(folder.path, { recursive: true, mode: 0o700 });
  const { name, workers } = spec;
  const host = { name, dataDir: folder.path, workers, ...(ownerPid !== undefined && { ownerPid }) };
  writeFileSync(folder.spec, JSON.stringify(host, undefined, 2), { mode: 0o600 });
  const log = openSync(folder.log, 'a', 0o600);
  // Not a child that a Ctrl-C in the terminal reaches: the undo ends it, in its own time.
  const child = spawn(process.execPath, [hostProgram, '--spec', folder.spec], {
    detached: true,
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  try {
    await readyLine(child, context.signal);
  } catch (cause) {
    if (context.signal.aborted)
      throw new BlackstartError('interrupted', `Interrupted while ${name} came up`, { cause });
    throw new BlackstartError('cluster', `Cluster ${name} did not come up\n${lastLines(folder.log)}`, {
      hint: `The whole log is in ${folder.log} until the cluster is deleted.`,
      cause,
    });
  } finally {
    child.stdout?.destroy();
    child.unref();
  }
}

/** The host says in one line that everything is there. */
async function readyLine(child: ChildProcess, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(readyTimeoutMs)]);
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      if (said.includes('"ready":true')) resolve();
    });
    child.once('error', reject);
    child.once('exit', (code, by) => reject(new Error(`its host ended with ${by ?? code}`)));
    const onAbort = (): void => reject(new Error('it was not ready in time', { cause: limit.reason }));
    if (limit.aborted) onAbort();
    limit.addEventListener('abort', onAbort, { once: true });
  });
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
}
