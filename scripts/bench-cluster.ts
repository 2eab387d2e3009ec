/**
 * A program, part of `npm run bench`: brings up embedded clusters of 1 + 2 nodes, one after the other, and prints how long
 * each took to be ready and how much memory all its processes have (PSS: what is shared counts once).
 */
import { tmpdir } from 'node:os';
import { embeddedBackend } from '../harness/cluster/embedded/embedded-backend.ts';
import { systemClock } from '../harness/core/clock.ts';
import { run } from '../harness/core/command.ts';
import { clusterMemory } from './cluster-memory.ts';

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
    const { processes, memoryMb } = clusterMemory(name);
    console.log(
      `  ${String(round).padEnd(28)}${readyS.toFixed(2).padStart(9)}${String(processes).padStart(12)}${memoryMb.toFixed(0).padStart(18)}`,
    );
  } finally {
    await run(change.undo.argv, { timeoutMs: change.undo.timeoutMs });
  }
}
