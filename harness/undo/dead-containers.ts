import type { Run } from '../core/command.ts';
import { BlackstartError } from '../core/errors.ts';
import { identify, isAlive, processSpace } from './process-identity.ts';

/** Labels of containers that belong to a process of ours. Nodes of kind clusters have kind's own labels instead. */
const managedLabel = 'dev.blackstart/managed';
const ownerLabel = 'dev.blackstart/owner';

export interface OwnedContainer {
  readonly id: string;
  readonly image: string;
  /** The process that it must not outlive, as `ownerOf` writes it. */
  readonly owner: string;
}

/** A process as text for the label; nobody can be mistaken for it, later or on another machine with the same Docker. */
export function ownerOf(pid: number): string {
  return `${processSpace() ?? ''}.${pid}.${identify(pid)?.started ?? ''}`;
}

export function ownedLabels(owner: string): Readonly<Record<string, string>> {
  return { [managedLabel]: 'true', [ownerLabel]: owner };
}

/** Every container that belongs to a process of ours, running or not; none where there is no Docker. */
export async function ownedContainers(run: Run): Promise<readonly OwnedContainer[]> {
  const format = `{{.ID}} {{.Image}} {{.Label "${ownerLabel}"}}`;
  const filter = `label=${managedLabel}=true`;
  const found = await dockerOutput(run, ['ps', '--all', '--no-trunc', '--filter', filter, '--format', format]);
  return found.split('\n').flatMap((line) => {
    const [id = '', image = '', owner = ''] = line.split(' ');
    // Whose a container is that names nobody cannot be told, so it is left alone.
    return owner === '' ? [] : [{ id, image, owner }];
  });
}

/** Those whose process is gone. A process of another machine, PID namespace or user is not looked for: it may run there. */
export async function deadContainers(run: Run): Promise<readonly OwnedContainer[]> {
  const here = processSpace();
  if (here === undefined) return [];
  return (await ownedContainers(run)).filter(({ owner }) => {
    if (!owner.startsWith(`${here}.`)) return false;
    const [pid = '', started = ''] = owner.slice(here.length + 1).split('.');
    return !isAlive({ pid: Number(pid), started });
  });
}

export function removalOf(ids: readonly string[]): readonly string[] {
  return ['docker', 'rm', '--force', '--volumes', ...ids];
}

async function dockerOutput(run: Run, args: readonly string[]): Promise<string> {
  try {
    return (await run(['docker', ...args])).stdout;
  } catch (problem) {
    if (problem instanceof BlackstartError && problem.code === 'environment') return '';
    throw problem;
  }
}
