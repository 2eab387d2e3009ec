import { readdirSync, readFileSync } from 'node:fs';
import { defaultStateRoot, readHost, stateFolder } from '../harness/cluster/embedded/state-folder.ts';

/** How many processes an embedded cluster has, and their memory together (PSS: what is shared counts once). */
export function clusterMemory(name: string): { readonly processes: number; readonly memoryMb: number } {
  const host = readHost(stateFolder(defaultStateRoot(), name));
  const pids = host ? withDescendants(host.pid) : [];
  return { processes: pids.length, memoryMb: pids.reduce((sum, pid) => sum + pssKb(pid), 0) / 1_000 };
}

/** A process with its children, their children and so on. */
function withDescendants(root: number): readonly number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .flatMap((entry): [number, number][] => {
        // What comes after the name in parentheses: state, then the parent.
        const parent = / \S (\d+) /.exec(readOrEmpty(`/proc/${entry}/stat`).replace(/^.*\)/, ''))?.[1];
        return parent === undefined ? [] : [[Number(entry), Number(parent)]];
      }),
  );
  const found = [root];
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child);
  return found;
}

function pssKb(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(readOrEmpty(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

/** A process may end while it is looked at. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
