import type { RunEvent } from '../../core/events.ts';
import { deleteAgentsAct } from '../../core/rung-events.ts';
import { operatorNode, type Plan } from '../../plan/plan.ts';
import type { PlannedAttempt } from '../../plan/planned-attempt.ts';
import { collectEvidence, seriesOn, type Evidence } from '../../verdict/evidence.ts';
import type { Result } from '../../verdict/result.ts';
import { judgeRemoval } from '../../verdict/rung-removal.ts';
import { logOf } from '../../verdict/rungs.ts';
import type { RemedyMeasures } from './findings.ts';
import { herdSince } from './herd.ts';
import { firstGoodMs, wasBroken } from './stretch.ts';

const remedyParameter = 'remedy';

const nothing = {
  watchedMs: null,
  firstMutationMs: null,
  lastingMutationMs: null,
  removedMs: null,
  removal: '',
  dataPlaneBroken: null,
  dataPlaneMs: null,
  wellMs: null,
  herd: { agentsPerS: null, inFlight: null, relocked: null },
} as const;

type Measured = Pick<RemedyMeasures, keyof typeof nothing>;

/** What the remedy of this run did; undefined for a run that tries none. */
export function remedyOf(plan: Plan, events: readonly RunEvent[], result: Result): RemedyMeasures | undefined {
  const step = plan.method.find((one) => one.kind === 'attempt' && one.rung.way.way === 'remedies');
  if (step?.kind !== 'attempt') return undefined;
  const rung = result.rungs.find(({ attempt }) => attempt === step.name);
  if (!rung) return undefined;
  const evidence = collectEvidence(plan, events);
  const { message, outcome, control } = rung;
  return {
    remedy: plan.parameters[remedyParameter] ?? step.rung.name,
    seed: plan.seed,
    outcome: outcome === 'tried' || outcome === 'cannot' ? outcome : 'not-tried',
    message,
    leftOut: rung.acts.flatMap(({ act, message: why }) =>
      why.startsWith('left out: ') ? [`${act}: ${why.slice(10)}`] : [],
    ),
    lockedOut: control.outcome === 'locked-out',
    control: control.text,
    lagMs: lagOf(result),
    ...(outcome === 'tried' ? measured(step, evidence) : nothing),
  };
}

function measured(step: PlannedAttempt, evidence: Evidence): Measured {
  const log = logOf(step, evidence);
  const { ended } = log;
  if (!ended || ended.fromMs === null) return nothing;
  const { fromMs, monotonicMs: endMs } = ended;
  const since = (atMs: number | null): number | null => (atMs === null ? null : Math.max(0, Math.round(atMs - fromMs)));
  const admin = seriesOn(operatorNode, step.lane, evidence);
  const lastingMs = admin ? firstGoodMs(admin, fromMs, endMs) : null;
  const removal = judgeRemoval(fromMs, log, evidence);
  const dns = lookups(evidence, fromMs, endMs);
  const removedMs = removal.outcome === 'kept' ? removal.measuredMs : null;
  const parts = [since(lastingMs), removedMs, ...(dns.broken === true ? [since(dns.goodMs)] : [])];
  return {
    watchedMs: Math.round(endMs - fromMs),
    firstMutationMs: since(firstMutation(step, fromMs, endMs, evidence)),
    lastingMutationMs: since(lastingMs),
    removedMs,
    removal: removal.text,
    dataPlaneBroken: dns.broken,
    dataPlaneMs: dns.broken === true ? since(dns.goodMs) : null,
    wellMs: parts.includes(null) ? null : Math.max(...parts.map(Number)),
    herd: herdSince(step.lane, { backMs: lastingMs, fromMs, endMs }, evidence),
  };
}

function lagOf({ probers }: Result): number | null {
  const lags = Object.values(probers).map(({ lagP99Ms, loopbackFailures }) => (loopbackFailures > 0 ? null : lagP99Ms));
  return lags.length === 0 || lags.includes(null) ? null : Math.max(...lags.map(Number));
}

/** A call of the lane, or the deletion of the DaemonSet: both are mutating calls of the normal admin. */
function firstMutation(step: PlannedAttempt, fromMs: number, endMs: number, evidence: Evidence): number | null {
  const calls = seriesOn(operatorNode, step.lane, evidence)?.samples ?? [];
  const call = calls.find(({ ok, startMs, endMs: over }) => ok && startMs >= fromMs && over <= endMs)?.endMs;
  const act = evidence.events.find(
    (event) => event.type === 'rung-act' && event.attempt === step.name && event.act === deleteAgentsAct && event.ok,
  );
  const deletion = act?.type === 'rung-act' ? act.startMs + act.durationMs : undefined;
  const first = Math.min(call ?? Number.POSITIVE_INFINITY, deletion ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(first) ? first : null;
}

/** Whether lookups failed on every node just before, and from when on all of them succeeded. */
function lookups(
  { plan, series }: Evidence,
  fromMs: number,
  endMs: number,
): { readonly broken: boolean | null; readonly goodMs: number | null } {
  const lane = plan.lanes.find(({ probe }) => probe.kind === 'core-dns');
  const nodes = lane ? series(lane.name) : [];
  if (nodes.length === 0) return { broken: null, goodMs: null };
  const starts = nodes.map((one) => firstGoodMs(one, fromMs, endMs));
  const goodMs = starts.includes(null) ? null : Math.max(...starts.map(Number));
  return { broken: nodes.every((one) => wasBroken(one, fromMs)), goodMs };
}
