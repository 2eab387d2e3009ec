import type { Moments } from './moments.ts';
import { dueBetween, lostIn, type Series } from './series.ts';

/** When the control plane was lost. */
export interface ControlPlaneLoss {
  /** Milliseconds since the start of the run; null: never. */
  readonly atMs: number | null;
  /** False when missing samples of the API lane could make it another moment. */
  readonly certain: boolean;
  /** True when it is the loss that the heal ends: the API server did not answer when the heal began. */
  readonly atHeal: boolean;
}

/**
 * The loss that the heal ends, if the API lane is failing when the heal begins: the start of that streak, so that side
 * outages before it do not count. Otherwise the first failure after the first fault.
 */
export function controlPlaneLoss(api: readonly Series[], moments: Moments): ControlPlaneLoss {
  const { firstFaultMs } = moments;
  if (firstFaultMs === null) return { atMs: null, certain: true, atHeal: false };
  const toMs = moments.healStartMs ?? moments.endMs;
  const best = lossIf(api, firstFaultMs, toMs, true);
  const worst = lossIf(api, firstFaultMs, toMs, false);
  return { atMs: best.atMs, certain: best.atMs === worst.atMs && best.atHeal === worst.atHeal, atHeal: best.atHeal };
}

interface Probe {
  readonly dueMs: number;
  readonly startMs: number;
  readonly ok: boolean;
}

/** The loss, if all missing samples had ended like this. */
function lossIf(
  api: readonly Series[],
  fromMs: number,
  toMs: number,
  lostAreOk: boolean,
): { readonly atMs: number | null; readonly atHeal: boolean } {
  const nodes = api.map((series) => probes(series, fromMs, toMs, lostAreOk));
  const streaks = nodes.flatMap((node) => lastStreak(node));
  if (streaks.length > 0) return { atMs: Math.min(...streaks), atHeal: true };
  const firsts = nodes.flatMap((node) => node.find((probe) => !probe.ok)?.startMs ?? []);
  return { atMs: firsts.length > 0 ? Math.min(...firsts) : null, atHeal: false };
}

function probes(series: Series, fromMs: number, toMs: number, lostAreOk: boolean): readonly Probe[] {
  const lost = lostIn(series, fromMs, toMs).map(({ dueMs }) => ({ dueMs, startMs: dueMs, ok: lostAreOk }));
  return [...dueBetween(series.samples, fromMs, toMs), ...lost].toSorted((a, b) => a.dueMs - b.dueMs);
}

/** The start of the streak of failures with which the list ends; nothing when it ends well. */
function lastStreak(node: readonly Probe[]): number[] {
  const lastOk = node.findLastIndex((probe) => probe.ok);
  const first = node[lastOk + 1];
  return first ? [first.startMs] : [];
}
