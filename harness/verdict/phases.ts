import type { Phase, RunEvent } from '../core/events.ts';
import type { Plan } from '../plan/plan.ts';
import { roundMs } from './format.ts';
import type { Result } from './result.ts';

export interface PhaseSpan {
  readonly phase: Phase;
  readonly startMs: number;
  readonly durationMs: number;
  readonly outcome: Result['phases'][number]['outcome'];
  readonly message: string | null;
}

/** The phases in order of time. One that has no end lasts to the end of the log. */
export function phaseSpans(events: readonly RunEvent[]): readonly PhaseSpan[] {
  const lastMs = events.at(-1)?.monotonicMs ?? 0;
  return events.flatMap((event, index): readonly PhaseSpan[] => {
    if (event.type !== 'phase-started') return [];
    const { phase, monotonicMs: startMs } = event;
    const ended = events.slice(index).find((later) => later.type === 'phase-ended' && later.phase === phase);
    if (ended?.type !== 'phase-ended') {
      return [{ phase, startMs, durationMs: lastMs - startMs, outcome: 'open', message: null }];
    }
    const { outcome, message = null } = ended;
    return [{ phase, startMs, durationMs: ended.monotonicMs - startMs, outcome, message }];
  });
}

/** The phases as they stand in the result: observing is incident time. */
export function phaseResults(events: readonly RunEvent[], { timeScale }: Plan): Result['phases'] {
  return phaseSpans(events).map(({ phase, startMs, durationMs, outcome, message }) => ({
    phase,
    startMs: roundMs(startMs),
    durationMs: roundMs(durationMs),
    durationIncidentMs: phase === 'observe' ? roundMs(durationMs * timeScale) : null,
    outcome,
    message,
  }));
}
