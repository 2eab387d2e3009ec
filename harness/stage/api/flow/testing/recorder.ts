import type { FlowObserver, RejectReason } from '../types.ts';

/** Counts what flow control tells, over all levels. */
export interface Recorder extends FlowObserver {
  readonly limits: Map<string, number>;
  readonly inFlightNow: { readOnly: number; mutating: number };
  readonly reasons: RejectReason[];
  readonly waitsMs: number[];
  seatsInUse: number;
  mostSeatsInUse: number;
  waiting: number;
}

export function recorder(): Recorder {
  return {
    limits: new Map(),
    inFlightNow: { readOnly: 0, mutating: 0 },
    reasons: [],
    waitsMs: [],
    seatsInUse: 0,
    mostSeatsInUse: 0,
    waiting: 0,
    limit(level, seats) {
      this.limits.set(level, seats);
    },
    queued(_flow, change) {
      this.waiting += change;
    },
    rejected(_flow, reason, waitedMs) {
      this.reasons.push(reason);
      this.waitsMs.push(waitedMs);
    },
    dispatched(_flow, seats, waitedMs) {
      this.seatsInUse += seats;
      this.mostSeatsInUse = Math.max(this.mostSeatsInUse, this.seatsInUse);
      this.waitsMs.push(waitedMs);
    },
    finished(_flow, seats) {
      this.seatsInUse -= seats;
    },
    inFlight(kind, change) {
      this.inFlightNow[kind] += change;
    },
  };
}
