import type { Phase, RunEvent } from '../core/events.ts';

/** The moments of a run that measures refer to, in milliseconds since its start; null: did not come to that. */
export interface Moments {
  readonly probingStartMs: number | null;
  readonly firstFaultMs: number | null;
  readonly healStartMs: number | null;
  readonly recoverEndMs: number | null;
  /** The end of what is measured: the end of the recovery, else the start of the teardown, else the last event. */
  readonly endMs: number;
  readonly lastEventMs: number;
}

export function moments(events: readonly RunEvent[]): Moments {
  const lastEventMs = events.at(-1)?.monotonicMs ?? 0;
  const recoverEndMs = phaseEnd(events, 'recover');
  return {
    probingStartMs: events.find((event) => event.type === 'probing-started')?.atMs ?? null,
    firstFaultMs: events.find((event) => event.type === 'fault-started')?.monotonicMs ?? null,
    healStartMs: phaseStart(events, 'heal'),
    recoverEndMs,
    endMs: recoverEndMs ?? phaseStart(events, 'teardown') ?? lastEventMs,
    lastEventMs,
  };
}

function phaseStart(events: readonly RunEvent[], phase: Phase): number | null {
  return events.find((event) => event.type === 'phase-started' && event.phase === phase)?.monotonicMs ?? null;
}

function phaseEnd(events: readonly RunEvent[], phase: Phase): number | null {
  return events.findLast((event) => event.type === 'phase-ended' && event.phase === phase)?.monotonicMs ?? null;
}
