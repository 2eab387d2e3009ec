import { quantile } from '../core/quantile.ts';
import type { Plan } from '../plan/plan.ts';
import type { Evidence } from './evidence.ts';
import { roundMsOrNull } from './format.ts';
import { gapLimitMs } from './gaps.ts';
import type { ProberResult } from './result.ts';
import { dueBetween, lostIn } from './series.ts';

/** Where no latency is judged: one sampling interval of the DNS lanes (50/s). */
const usualLagLimitMs = 20;

/** Where rungs are judged: half a sampling interval of the operators' lanes (1/s), whose calls may take 10 s. */
const rungLagLimitMs = 500;

/** However slow an answer may be, an outage must not hide in a hole between samples. */
const mostLagMs = 50;

/**
 * The most by which a prober may start its samples late, at p99: the tightest latency that the run judges, up to 50 ms.
 * Later than that, it is starved: what it measured is its own trouble.
 */
export function lagLimitMs({ budgets, method }: Pick<Plan, 'budgets' | 'method'>): number {
  const limits = budgets.flatMap((budget) => (budget.kind === 'latency' ? [budget.atMostMs] : []));
  if (limits.length > 0) return Math.min(mostLagMs, ...limits);
  return method.some(({ kind }) => kind === 'attempt') ? rungLagLimitMs : usualLagLimitMs;
}

/** What can be said of every prober in the judged window: did it measure the cluster, or its own lack of CPU? */
export function judgeProbers(evidence: Evidence): Readonly<Record<string, ProberResult>> {
  return Object.fromEntries(evidence.nodes.map((node) => [node, judgeProber(node, evidence)]));
}

function judgeProber(node: string, { plan, window, series, offsets }: Evidence): ProberResult {
  const { fromMs, toMs } = window;
  const all = plan.lanes.flatMap(({ name }) => series(name).filter((one) => one.node === node));
  const loopbackLanes = plan.lanes.filter((lane) => lane.probe.kind === 'loopback').map((lane) => lane.name);
  const loopback = all.filter((one) => loopbackLanes.includes(one.lane));
  const lagsMs = all.flatMap((one) => dueBetween(one.samples, fromMs, toMs).map((sample) => sample.lagMs));
  const lost = all.reduce((sum, one) => sum + lostIn(one, fromMs, toMs).length, 0);
  const loopbackFailures = loopback
    .flatMap((one) => dueBetween(one.samples, fromMs, toMs))
    .filter((sample) => !sample.ok).length;
  // A lost sample may have been the latest of all.
  const worstP99Ms = quantile([...lagsMs, ...Array.from({ length: lost }, () => Number.POSITIVE_INFINITY)], 0.99);
  const lagP99Ms = quantile(lagsMs, 0.99) ?? null;
  // The last second is left out: nothing that is judged could hide in it.
  const loopbackLost = loopback.reduce(
    (sum, one) => sum + lostIn(one, fromMs, Math.max(fromMs, toMs - gapLimitMs(one.intervalMs))).length,
    0,
  );
  const limitMs = lagLimitMs(plan);
  const isStarved = loopbackFailures > 0 || (lagP99Ms ?? 0) > limitMs;
  const isUnknown = loopbackLost > 0 || (worstP99Ms ?? 0) > limitMs;
  return {
    verdict: isStarved ? 'starved' : isUnknown ? 'unknown' : 'honest',
    lagP99Ms: roundMsOrNull(lagP99Ms),
    lagMaxMs: roundMsOrNull(quantile(lagsMs, 1) ?? null),
    loopbackFailures,
    loopbackLost,
    clockErrorMs: roundMsOrNull(offsets.get(node)?.errorMs ?? null),
  };
}
