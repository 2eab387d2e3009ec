/**
 * A program, part of `npm run bench`: brings up embedded clusters of 1 + 2 nodes, one after the other, and prints how long
 * each took to be ready and how much memory all its processes have (PSS: what is shared counts once).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { embeddedBackend } from '../harness/cluster/embedded/embedded-backend.ts';
import { readHost, stateFolder, defaultStateRoot } from '../harness/cluster/embedded/state-folder.ts';
import { systemClock } from '../harness/core/clock.ts';
import { run } from '../harness/core/command.ts';

const times = Number(process.argv[2] ?? 5);
const backend = embeddedBackend({ clock: systemClock });
const context = { emit: () => undefined, signal: new AbortController().signal, runFolder: tmpdir() };

console.log('embedded cluster, 1 + 2 nodes   ready s   processes   memory MB (PSS)');
for (let round = 1; round <= times; round++) {
  const name = `blackstart-bench-${process.pid}-${round}`;
  const { change } = backend.create({ name, workers: 2, coreDns: 'workers', nodePorts: [] }, context);
  await change.snapshot();
  const startMs = performance.now();
  try {
    await change.apply();
    const readyS = (performance.now() - startMs) / 1_000;
    const host = readHost(stateFolder(defaultStateRoot(), name));
    const pids = host ? withDescendants(host.pid) : [];
    const memoryMb = pids.reduce((sum, pid) => sum + pssKb(pid), 0) / 1_000;
    console.log(
      `  ${String(round).padEnd(28)}${readyS.toFixed(2).padStart(9)}${String(pids.length).padStart(12)}${memoryMb.toFixed(0).padStart(18)}`,
    );
  } finally {
    await run(change.undo.argv, { timeoutMs: change.undo.timeoutMs });
  }
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
