import type { RunEvent } from '../core/events.ts';
import { toSample } from '../core/sample.ts';

type SamplesEvent = Extract<RunEvent, { type: 'samples' }>;

/** The newest seconds of every lane and node: what went well, out of how much. Keys: lane, then node. */
export type SuccessWindow = Readonly<Record<string, Readonly<Record<string, readonly Second[]>>>>;

interface Second {
  readonly second: number;
  readonly ok: number;
  readonly samples: number;
}

/** How far back success is counted. */
const windowS = 5;
/** Reads come every half second or so, and a failing sample takes its deadline to end. */
const readLagS = 3;

/** Adds what was read; older seconds go. */
export function addSamples(window: SuccessWindow, event: SamplesEvent): SuccessWindow {
  const { lane, node, rows, offsetMs } = event;
  const seconds = new Map((window[lane]?.[node] ?? []).map((one) => [one.second, one]));
  for (const row of rows) {
    const { startMs, ok } = toSample(row, offsetMs);
    const second = Math.floor(startMs / 1_000);
    const known = seconds.get(second) ?? { second, ok: 0, samples: 0 };
    seconds.set(second, { second, ok: known.ok + (ok ? 1 : 0), samples: known.samples + 1 });
  }
  const newest = Math.max(...seconds.keys());
  const kept = [...seconds.values()].filter(({ second }) => second > newest - windowS);
  return { ...window, [lane]: { ...window[lane], [node]: kept } };
}

/** Share of success of a lane on a node, 0 to 1; null when its newest sample is too old to say anything. */
export function successShare(window: SuccessWindow, lane: string, node: string, nowMs: number): number | null {
  const seconds = window[lane]?.[node] ?? [];
  const recent = seconds.filter(({ second }) => second > nowMs / 1_000 - windowS - readLagS);
  const samples = recent.reduce((sum, one) => sum + one.samples, 0);
  return samples === 0 ? null : recent.reduce((sum, one) => sum + one.ok, 0) / samples;
}

/** A share in whole percent, rounded down: 100 % means all of it. */
export function percent(share: number | null): string {
  return share === null ? 'no data' : `${Math.floor(share * 100 + 1e-9)} %`;
}
