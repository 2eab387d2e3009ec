import type { Part, RunEvent } from '../core/events.ts';
import { roundMs } from './format.ts';
import { phaseSpans } from './phases.ts';
import type { Result } from './result.ts';

/** The phases whose length the experiment decides, not the harness. */
const planned: readonly string[] = ['steady-state', 'inject', 'observe', 'heal', 'recover'];

/** Where the wall time of a run went. `own` is what is left: the harness itself. */
export function overhead(events: readonly RunEvent[], totalMs: number): Result['measures']['overheadMs'] {
  const plannedMs = phaseSpans(events)
    .filter((span) => planned.includes(span.phase))
    .reduce((sum, span) => sum + span.durationMs, 0);
  const partMs = (part: Part): number =>
    events.reduce((sum, event) => sum + (event.type === 'part-ended' && event.part === part ? event.durationMs : 0), 0);
  const [cluster, chaosMesh, workloads] = [partMs('cluster'), partMs('chaosMesh'), partMs('workloads')];
  return {
    cluster: roundMs(cluster),
    chaosMesh: roundMs(chaosMesh),
    workloads: roundMs(workloads),
    planned: roundMs(plannedMs),
    own: roundMs(Math.max(0, totalMs - cluster - chaosMesh - workloads - plannedMs)),
  };
}
