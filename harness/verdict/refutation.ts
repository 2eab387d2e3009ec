import type { Evidence } from './evidence.ts';
import { apiLane } from './evidence.ts';
import { formatCount, formatShare, formatTime } from './format.ts';
import { gapText, starvedText, type Findings, type Missing } from './missing-evidence.ts';
import type { BudgetResult, LaneResult } from './result.ts';

/** The hypothesis refuted: every missed budget, and what keeps the proof from counting. */
export interface Refutation {
  readonly missed: readonly BudgetResult[];
  /** Empty: proven. */
  readonly doubts: readonly Missing[];
}

/**
 * A missed budget is proof when its own lane has its data: no gap, enough samples, no starved prober, and more slowness than the prober's own. What is missing on
 * other lanes does not matter. Whether all faults were confirmed is for the merge.
 */
export function refutation(evidence: Evidence, findings: Findings): Refutation {
  const missed = findings.budgets.filter((budget) => budget.verdict === 'fail');
  const proven = missed.filter((budget) => doubtsAbout(budget, evidence, findings).length === 0);
  if (proven.length > 0) return { missed: proven, doubts: [] };
  return { missed, doubts: missed.flatMap((budget) => doubtsAbout(budget, evidence, findings)) };
}

function doubtsAbout(budget: BudgetResult, { plan }: Evidence, { lanes, probers }: Findings): readonly Missing[] {
  const isRecovery = budget.budget === 'time-to-recover';
  const api = apiLane(plan);
  const names = isRecovery ? [...plan.recovery.lanes, ...(api ? [api.name] : [])] : [budget.lane];
  const gaps = [...new Set(names)].flatMap((name) =>
    (lanes[name]?.gaps ?? []).map((gap) => ({ code: 'gap' as const, text: gapText(name, gap) })),
  );
  const starved = Object.entries(probers)
    .filter(([, prober]) => prober.verdict === 'starved')
    .map(([node, prober]) => ({ code: 'prober-starved' as const, text: starvedText(node, prober) }));
  const { lane, samples, minSamples } = budget;
  const tooFew: readonly Missing[] =
    samples < minSamples
      ? [{ code: 'too-few-samples', text: `Lane ${lane} has ${formatCount(samples, 'sample')}, too few to judge.` }]
      : [];
  return [...gaps, ...starved, ...tooFew, ...slownessOfProbers(budget, probers)];
}

/** A prober that was late itself adds as much to what it measures: slower by less than that is nobody's proven fault. */
function slownessOfProbers(budget: BudgetResult, probers: Findings['probers']): readonly Missing[] {
  const { lane, measured, limit } = budget;
  const lagMs = Math.max(0, ...Object.values(probers).map(({ lagP99Ms }) => lagP99Ms ?? 0));
  if (!budget.budget.startsWith('latency-') || measured === null || measured - lagMs > limit) return [];
  const text = `Lane ${lane} was slow, ${budgetText(budget, undefined)}, but a prober was itself up to ${formatTime(lagMs)} late at p99.`;
  return [{ code: 'prober-starved', text }];
}

/** Which budgets were missed, by how much, on which node, and what CoreDNS did meanwhile. */
export function refutationText(missed: readonly BudgetResult[], lanes: Readonly<Record<string, LaneResult>>): string {
  const byLane = Map.groupBy(missed, (budget) => budget.lane);
  return [...byLane]
    .map(([lane, budgets]) => {
      const figures = budgets.map((budget) => budgetText(budget, lanes[lane])).join(', ');
      return `Lane ${lane} missed its budget: ${figures}.${upstreamText(lanes[lane])}`;
    })
    .join(' ');
}

function budgetText(budget: BudgetResult, lane: LaneResult | undefined): string {
  const { measured, limit, unit } = budget;
  if (unit === 'ratio') {
    return `${budget.budget} ${measured === null ? 'unknown' : formatShare(measured)} (at least ${formatShare(limit)})`;
  }
  const value = measured === null ? 'never' : formatTime(measured);
  return `${budget.budget} ${value}${worstNode(budget, lane)} (at most ${formatTime(limit)})`;
}

function worstNode({ budget }: BudgetResult, lane: LaneResult | undefined): string {
  if (budget !== 'longest-outage' || !lane) return '';
  const [worst] = Object.entries(lane.nodes).toSorted(([, a], [, b]) => b.longestOutageMs - a.longestOutageMs);
  return worst ? ` on ${worst[0]}` : '';
}

/** What CoreDNS did while most of a lane's samples failed, as people say it. */
const upstreamWords = {
  answering: 'CoreDNS answered',
  noListener: 'nothing listened upstream',
  servfail: 'CoreDNS answered SERVFAIL',
  endpointsEmpty: 'kube-dns had no endpoints',
  unknown: 'nothing is known of CoreDNS',
} as const;

function upstreamText(lane: LaneResult | undefined): string {
  if (!lane?.byUpstream || lane.failures === 0) return '';
  const states = Object.entries(lane.byUpstream) as [keyof typeof upstreamWords, { failures: number }][];
  const [state, { failures }] = states.reduce((a, b) => (b[1].failures > a[1].failures ? b : a));
  return ` ${failures} of its ${formatCount(lane.failures, 'failure')} fell in the time when ${upstreamWords[state]}.`;
}
