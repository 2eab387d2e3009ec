import { nodesOf, type PlannedExpectation } from '../plan/plan.ts';
import { answersStale } from './answers-stale.ts';
import { breaksAtExpiry } from './breaks-at-expiry.ts';
import { breaks } from './breaks.ts';
import type { Evidence } from './evidence.ts';
import { formatShare, formatTime } from './format.ts';
import { alarms, getsThrough, locksOut, staysQuiet } from './operator-expectations.ts';
import type { ExpectationResult } from './result.ts';
import { underLoad } from './under-load.ts';

/** What one node says about an expectation. */
export interface Finding {
  readonly outcome: ExpectationResult['outcome'];
  readonly measured: string;
}

/** What must be seen on every node, or the run proves nothing. */
export function judgeExpectations(evidence: Evidence): readonly ExpectationResult[] {
  return evidence.plan.expectations.map((expectation) => {
    const lane = evidence.plan.lanes.find(({ name }) => name === expectation.lane);
    const findings = (lane ? nodesOf(lane, evidence.nodes) : []).map((node) => {
      const { outcome, measured } = judgeOn(node, expectation, evidence);
      return { outcome, measured: `${node}: ${measured}` };
    });
    return {
      kind: expectation.kind,
      lane: expectation.lane,
      expected: describe(expectation),
      outcome: worst(findings),
      measured: findings.map((finding) => finding.measured).join('; ') || 'no prober was started',
      otherwise: expectation.otherwise,
    };
  });
}

function judgeOn(node: string, expectation: PlannedExpectation, evidence: Evidence): Finding {
  switch (expectation.kind) {
    case 'breaks-at-expiry':
      return breaksAtExpiry(node, expectation, evidence);
    case 'breaks':
      return breaks(node, expectation, evidence);
    case 'answers-stale':
      return answersStale(node, expectation, evidence);
    case 'locks-out':
      return locksOut(node, expectation, evidence);
    case 'gets-through':
      return getsThrough(node, expectation, evidence);
    case 'under-load':
      return underLoad(expectation, evidence);
    case 'alarms':
      return alarms(node, expectation, evidence);
    case 'stays-quiet':
      return staysQuiet(node, expectation, evidence);
  }
}

function worst(findings: readonly Finding[]): ExpectationResult['outcome'] {
  const outcomes = findings.map((finding) => finding.outcome);
  if (outcomes.includes('not-met')) return 'not-met';
  return outcomes.length === 0 || outcomes.includes('unknown') ? 'unknown' : 'met';
}

function describe(expectation: PlannedExpectation): string {
  const { lane } = expectation;
  switch (expectation.kind) {
    case 'breaks-at-expiry': {
      const { hop, holdMs, withinMs, share } = expectation;
      const when = `within ${formatTime(withinMs)} of last refresh + ${formatTime(holdMs)}`;
      return `${lane} fails at ${hop} on every node ${when}, then for at least ${formatShare(share)} of the time to the heal`;
    }
    case 'breaks': {
      const before = expectation.before === null ? '' : `, before ${expectation.before} does`;
      const outcome = expectation.outcome === null ? '' : `, with ${expectation.outcome} before the heal`;
      return `${lane} fails on every node${before}${outcome}`;
    }
    case 'answers-stale':
      return `${lane} answers from stale entries for at least ${formatShare(expectation.share)} of the time from expiry to the heal`;
    case 'locks-out':
      return `${lane} has no success for at least ${formatTime(expectation.atLeastMs)}`;
    case 'gets-through':
      return `${lane} gets through with at least ${formatShare(expectation.share)} of its calls before the heal`;
    case 'under-load':
      return `${lane} is under load: the agents send at least ${formatShare(expectation.share)} of the requests they should`;
    case 'alarms':
      return `${lane} sets off its alarm before the data plane fails`;
    case 'stays-quiet':
      return `${lane} does not set off its alarm before fault ${expectation.before} begins`;
  }
}
