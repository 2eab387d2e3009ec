import type { RunEvent } from '../core/events.ts';
import type { Cleanliness } from './cleanliness.ts';
import type { Evidence } from './evidence.ts';
import { unprovenRungs } from './rung-reason.ts';
import { formatCount, formatTime } from './format.ts';
import type {
  BudgetResult,
  ExpectationResult,
  FaultResult,
  LaneResult,
  ProberResult,
  ReasonCode,
  RungResult,
} from './result.ts';

/** One piece of evidence that a pass would need and that is not there. */
export interface Missing {
  readonly code: ReasonCode;
  readonly text: string;
}

/** What the measures came to; the merge reads nothing else. */
export interface Findings {
  readonly faults: readonly FaultResult[];
  readonly lanes: Readonly<Record<string, LaneResult>>;
  readonly probers: Readonly<Record<string, ProberResult>>;
  readonly budgets: readonly BudgetResult[];
  readonly expectations: readonly ExpectationResult[];
  readonly rungs: readonly RungResult[];
  readonly cleanliness: Cleanliness;
}

/** Everything that keeps a run from being a pass although its hypothesis held; the most telling first. */
export function missingEvidence(evidence: Evidence, findings: Findings): readonly Missing[] {
  return [
    // Where nothing can be tried nothing is injected.
    ...unprovenRungs(findings.rungs.filter(({ outcome }) => outcome === 'cannot')),
    // What was not confirmed because time was up is only a consequence.
    ...tooLate(evidence),
    ...unconfirmed(findings.faults),
    ...brokenRun(evidence),
    ...neverInjected(findings.faults),
    ...unprovenRungs(findings.rungs.filter(({ outcome }) => outcome !== 'cannot')),
    ...(findings.cleanliness.clean === null ? [tornLog] : []),
    ...shortOutage(evidence),
    ...missingSamples(evidence, findings),
    ...starved(findings.probers),
    ...undecided(findings.budgets),
    ...unknownLag(findings.probers),
    ...unmet(evidence, findings),
  ];
}

const tornLog: Missing = {
  code: 'torn-log',
  text: 'The event log ends before the undo was verified: the run died before it was over.',
};

function unconfirmed(faults: readonly FaultResult[]): readonly Missing[] {
  return faults
    .filter((fault) => fault.startedMs !== null && fault.confirmation !== 'confirmed')
    .map((fault) => {
      if (fault.targets.length === 0) {
        return { code: 'unconfirmed-fault', text: `Fault ${fault.name} was not confirmed: it selected nothing.` };
      }
      const bad = fault.targets.filter((target) => target.confirmation === fault.confirmation);
      const what = fault.confirmation === 'mismatch' ? 'did something else than asked' : 'was not confirmed';
      const where = bad.map((target) => `on ${target.name}: ${target.evidence.map(withoutSource).join('; ')}`);
      const code = fault.confirmation === 'mismatch' ? 'mismatch' : 'unconfirmed-fault';
      return { code, text: `Fault ${fault.name} ${what} ${where.join(', ')}.` };
    });
}

function neverInjected(faults: readonly FaultResult[]): readonly Missing[] {
  const names = faults.filter((fault) => fault.startedMs === null).map((fault) => fault.name);
  if (names.length === 0) return [];
  return [{ code: 'unconfirmed-fault', text: `Never injected: ${names.join(', ')}.` }];
}

/** A recovery that takes too long is the recovery budget's matter. */
function tooLate({ events }: Evidence): readonly Missing[] {
  return endedPhases(events)
    .filter(({ phase, outcome }) => outcome === 'timeout' && phase !== 'recover')
    .map(({ phase, message = `Phase ${phase} did not end within its limit` }) => ({
      code: 'phase-timeout',
      text: sentence(message),
    }));
}

function brokenRun({ events }: Evidence): readonly Missing[] {
  const problems = events
    .filter((event) => event.type === 'problem')
    .map((event) => `The harness met a problem: ${sentence(event.message)}`);
  const phases = endedPhases(events)
    .filter(({ outcome }) => outcome === 'failed' || outcome === 'interrupted')
    .map(({ phase, outcome, message }) =>
      sentence(`Phase ${phase} ended with ${outcome}${message === undefined ? '' : `: ${message}`}`),
    );
  return [...problems, ...phases].map((text) => ({ code: 'harness-error', text }));
}

function endedPhases(events: readonly RunEvent[]): readonly Extract<RunEvent, { type: 'phase-ended' }>[] {
  return events.filter((event) => event.type === 'phase-ended');
}

/** A timer in the node, or somebody else, brought the API server back: the hypothesis was tried for less than planned. */
function shortOutage({ plan, moments, loss }: Evidence): readonly Missing[] {
  const lasts = plan.method.find(
    (step) => step.kind === 'inject' && (step.fault.kind === 'api-server-down' || step.fault.kind === 'node-pause'),
  );
  if (!lasts || loss.atHeal || moments.healStartMs === null) return [];
  return [
    {
      code: 'expectation',
      text: 'The API server answered again before the heal: the outage was shorter than planned.',
    },
  ];
}

function missingSamples(evidence: Evidence, { lanes, budgets }: Findings): readonly Missing[] {
  if (evidence.moments.probingStartMs === null) return [{ code: 'gap', text: 'No prober was ever started.' }];
  const judged = Object.entries(lanes).filter(([, lane]) => lane.role !== 'reference');
  const gaps = judged.flatMap(([name, lane]) =>
    lane.gaps.map((gap) => ({ code: 'gap' as const, text: gapText(name, gap) })),
  );
  const tooFew = budgets
    .filter((budget) => budget.samples < budget.minSamples)
    .map(({ lane, samples, minSamples }) => ({
      code: 'too-few-samples' as const,
      text: `Lane ${lane} has ${formatCount(samples, 'sample')}, and ${formatCount(minSamples, 'sample')} are needed.`,
    }));
  const loss: Missing = {
    code: 'gap',
    text: 'Samples are missing, so it is not certain when the control plane was lost.',
  };
  return [...gaps, ...(evidence.loss.certain ? [] : [loss]), ...tooFew];
}

/** Says where and how long nothing is known of a lane. */
export function gapText(lane: string, gap: LaneResult['gaps'][number]): string {
  const { node, fromMs, toMs, durationMs, cause } = gap;
  const why = cause === 'new-session' ? '; the prober began anew' : '';
  return `Lane ${lane} has no samples on ${node} for ${formatTime(durationMs)} (T+${formatTime(fromMs)} to T+${formatTime(toMs)}${why}).`;
}

function starved(probers: Readonly<Record<string, ProberResult>>): readonly Missing[] {
  return Object.entries(probers)
    .filter(([, prober]) => prober.verdict === 'starved')
    .map(([node, prober]) => ({ code: 'prober-starved', text: starvedText(node, prober) }));
}

function unknownLag(probers: Readonly<Record<string, ProberResult>>): readonly Missing[] {
  return Object.entries(probers)
    .filter(([, prober]) => prober.verdict === 'unknown')
    .map(([node]) => ({
      code: 'gap',
      text: `Samples of the prober on ${node} are missing, so its own lag is not known.`,
    }));
}

/** Says why a prober's data is not to be trusted. */
export function starvedText(node: string, { loopbackFailures, lagP99Ms }: ProberResult): string {
  const why =
    loopbackFailures > 0
      ? `it failed to reach itself ${formatCount(loopbackFailures, 'time')}`
      : `its own lag was ${formatTime(lagP99Ms ?? 0)} at p99`;
  return `The prober on ${node} was starved (${why}): its data is not to be trusted.`;
}

function undecided(budgets: readonly BudgetResult[]): readonly Missing[] {
  return budgets
    .filter((budget) => budget.verdict === 'inconclusive')
    .map(({ lane, budget }) => ({
      code: 'gap',
      text: `Whether ${lane} kept its budget ${budget} cannot be told: samples are missing that could decide it.`,
    }));
}

function unmet({ plan, moments }: Evidence, { expectations, lanes }: Findings): readonly Missing[] {
  const healMs = moments.healStartMs ?? Number.POSITIVE_INFINITY;
  const missing = expectations
    .filter((expectation) => expectation.outcome !== 'met')
    .map(({ lane, outcome, measured, expected, otherwise }) => {
      const held = Object.values(lanes[lane]?.nodes ?? {}).some((node) => (node.firstFailureMs ?? healMs) >= healMs);
      const isControl = plan.lanes.find((one) => one.name === lane)?.role === 'control';
      if (outcome === 'unknown')
        return { code: 'gap' as const, text: `Not known whether ${expected}: ${sentence(measured)}` };
      const code = isControl && held ? ('control-lane-held' as const) : ('expectation' as const);
      return { code, text: `Expected: ${expected}; seen: ${sentence(measured)} ${otherwise}`.trim() };
    });
  return missing.toSorted((a, b) => rank(a) - rank(b));
}

function rank({ code }: Missing): number {
  return ['gap', 'control-lane-held', 'expectation'].indexOf(code);
}

/** `crictl: container 1a2b kept its id` without the one who saw it. */
function withoutSource(evidence: string): string {
  return evidence.replace(/^(?:crictl|docker|prober|agent|api): /, '');
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
