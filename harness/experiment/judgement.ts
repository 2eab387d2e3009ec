import type { Duration } from '../core/duration.ts';
import { BlackstartError } from '../core/errors.ts';
import type { Hop } from '../core/sample.ts';
import type { AlarmRule, BudgetSpec, ExpectationSpec, RecoverySpec } from './spec.ts';

/** Builders of what is judged: budgets, expectations, recovery. */

/** Share of samples that must succeed over outage and recovery, in (0, 1]. */
export function availability(atLeast: number, options: { readonly minSamples: number }): BudgetSpec {
  return { kind: 'availability', atLeast, minSamples: options.minSamples };
}

/** A quantile of the latency of successful samples, wall time: `latency({ p99: '50ms' })`; `p100` is the maximum. */
export function latency(limit: Readonly<Record<`p${number}`, Duration>>): BudgetSpec {
  const [first, ...others] = Object.entries(limit);
  if (first === undefined || others.length > 0) {
    throw new BlackstartError('invalid-experiment', 'latency() takes exactly one quantile', {
      hint: "Write one latency() per quantile: latency({ p50: '5ms' }), latency({ p99: '50ms' }).",
    });
  }
  const [name, atMost] = first;
  const quantile = Number((Number(name.slice(1)) / 100).toFixed(8));
  return { kind: 'latency', quantile, atMost };
}

/** The longest time without a success on any node, wall time. */
export function longestOutage(atMost: Duration): BudgetSpec {
  return { kind: 'longest-outage', atMost };
}

/** Wall time from /readyz 200 to the start of `healthyFor` without a failure on these lanes. */
export function timeToRecover(
  atMost: Duration,
  options: { readonly lanes: readonly string[]; readonly healthyFor: Duration },
): RecoverySpec {
  return { lanes: options.lanes, atMost, healthyFor: options.healthyFor };
}

/** The lane breaks when its last answer has been held for its whole hold, and stays broken. */
export function breaksAtExpiry(
  lane: string,
  options: {
    /** Wall time around last refresh + hold. */
    readonly within: Duration;
    /** Default `resolve`. */
    readonly hop?: Hop;
    /** Share of the time from then to the heal in which it fails, in (0, 1]. */
    readonly share: number;
    /** What it means when it is not so. */
    readonly otherwise: string;
  },
): ExpectationSpec {
  const { within, hop = 'resolve', share, otherwise } = options;
  return { kind: 'breaks-at-expiry', lane, within, hop, share, otherwise };
}

/** The lane fails on every node between the first fault and the heal. */
export function breaks(
  lane: string,
  options: {
    /** This lane's first failure comes later. Default: no order. */
    readonly before?: string;
    /** This outcome is seen on every node, for example `resolve:SERVFAIL`. Default: any failure. */
    readonly outcome?: string;
    /** What it means when it is not so. */
    readonly otherwise: string;
  },
): ExpectationSpec {
  const { before = null, outcome = null, otherwise } = options;
  return { kind: 'breaks', lane, before, outcome, otherwise };
}

/** The lane answered from stale entries for this share of the time from expiry to heal: its protection was needed. */
export function answersStale(
  lane: string,
  options: { readonly share: number; readonly otherwise: string },
): ExpectationSpec {
  return { kind: 'answers-stale', lane, share: options.share, otherwise: options.otherwise };
}

/** No call of this operator lane succeeds within its deadline for this wall time, 5 in a row at least. */
export function locksOut(
  lane: string,
  options: { readonly atLeast: Duration; readonly otherwise: string },
): ExpectationSpec {
  return { kind: 'locks-out', lane, atLeast: options.atLeast, otherwise: options.otherwise };
}

/** The telemetry agents sent this share of the requests that they should have, by their own counters: the lane was tried. */
export function underLoad(
  lane: string,
  options: { readonly share: number; readonly otherwise: string },
): ExpectationSpec {
  return { kind: 'under-load', lane, share: options.share, otherwise: options.otherwise };
}

/** The alarm on this lane goes off before the data plane fails: what is between the two is the detection lead. */
export function alarms(
  lane: string,
  options: { readonly rule: AlarmRule; readonly otherwise: string },
): ExpectationSpec {
  return { kind: 'alarms', lane, rule: options.rule, otherwise: options.otherwise };
}

/** The same alarm does not go off before this fault: what came before it, the harmless twin, trips nothing. */
export function staysQuiet(
  lane: string,
  options: { readonly before: string; readonly rule: AlarmRule; readonly otherwise: string },
): ExpectationSpec {
  const { before, rule, otherwise } = options;
  return { kind: 'stays-quiet', lane, before, rule, otherwise };
}

/** This share of the operator lane's calls succeeds between the first fault and the heal: this way in stays open. */
export function getsThrough(
  lane: string,
  options: { readonly share: number; readonly otherwise: string },
): ExpectationSpec {
  return { kind: 'gets-through', lane, share: options.share, otherwise: options.otherwise };
}
