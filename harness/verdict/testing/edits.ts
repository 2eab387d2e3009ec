import type { Confirmation, EventBody } from '../../core/events.ts';
import { at, type Timed } from './log-builder.ts';

/** Changes to a log, for `Difference.events`. */
type Edit = (events: readonly Timed[]) => readonly Timed[];

export function drop(isDropped: (event: Timed) => boolean): Edit {
  return (events) => events.filter((event) => !isDropped(event));
}

export function add(monotonicMs: number, body: EventBody): Edit {
  return (events) => [...events, at(monotonicMs, body)];
}

/** Everything from a moment on is missing: the writer died. */
export function cutAt(monotonicMs: number): Edit {
  return drop((event) => event.monotonicMs >= monotonicMs);
}

export function inTurn(...edits: readonly Edit[]): Edit {
  return (events) => edits.reduce((edited, edit) => edit(edited), events);
}

/** Lets a fault's only target end otherwise. */
export function judged(fault: string, confirmation: Confirmation, evidence: string): Edit {
  return (events) =>
    events.map((event) =>
      event.type === 'fault-confirmed' && event.fault === fault
        ? { ...event, targets: event.targets.map((target) => ({ ...target, confirmation, evidence: [evidence] })) }
        : event,
    );
}

export function phaseEnds(phase: string, outcome: 'timeout' | 'failed' | 'interrupted', message: string): Edit {
  return (events) =>
    events.map((event) =>
      event.type === 'phase-ended' && event.phase === phase ? { ...event, outcome, message } : event,
    );
}
