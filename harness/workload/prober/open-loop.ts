/** One lane's timetable: slot k is due at `firstMs + k * intervalMs`. */
export interface Timetable {
  readonly firstMs: number;
  readonly intervalMs: number;
  /** Sends the probe of a slot. Must not wait and must not throw. */
  send(slot: number, dueMs: number): void;
}

export interface OpenLoopClock {
  nowMs(): number;
  /** Calls back after about `ms`; gives what cancels it. */
  after(ms: number, callback: () => void): () => void;
}

/** Slots later than this are left out: a process that was stopped leaves a gap and never a burst. */
const maxLateMs = 1_000;

/**
 * Sends every lane's probes when they are due, whether or not earlier ones have ended. After a stall shorter than
 * `maxLateMs` the missed slots follow one by one, a millisecond apart; after a longer one they are lost.
 * Gives what stops it.
 */
export function openLoop(timetables: readonly Timetable[], clock: OpenLoopClock): () => void {
  const lanes = timetables.map((timetable) => ({ timetable, slot: 0 }));
  let cancel: (() => void) | undefined;
  const dueMs = ({ timetable, slot }: (typeof lanes)[number]): number =>
    timetable.firstMs + slot * timetable.intervalMs;
  const tick = (): void => {
    for (const lane of lanes) {
      const nowMs = clock.nowMs();
      if (nowMs - dueMs(lane) > maxLateMs) {
        lane.slot = Math.ceil((nowMs - lane.timetable.firstMs) / lane.timetable.intervalMs);
      }
      const due = dueMs(lane);
      if (due > nowMs) continue;
      lane.timetable.send(lane.slot, due);
      lane.slot++;
    }
    const nextMs = Math.min(...lanes.map(dueMs));
    cancel = clock.after(Math.max(1, Math.ceil(nextMs - clock.nowMs())), tick);
  };
  if (lanes.length > 0) tick();
  return () => cancel?.();
}
