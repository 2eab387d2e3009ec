import { describe, expect, it } from 'vitest';
import type { EventBody, RunEvent } from '../core/events.ts';
import type { SampleRow } from '../core/sample.ts';
import type { Plan, PlannedExpectation, PlannedLane } from '../plan/plan.ts';
import { collectEvidence } from './evidence.ts';
import { judgeExpectations } from './expectations.ts';
import { operatorMeasures } from './operator.ts';
import { samplePlan } from './testing/sample-plan.ts';

/** Times in seconds: probing from 0, the first fault at 30, the heal at 90, the end at 100. */
const faultS = 30;
const healS = 90;
const endS = 100;

const operatorLane: PlannedLane = {
  name: 'admin',
  role: 'reference',
  probe: { kind: 'operator', credential: 'admin', call: 'patch' },
  rateHz: 1,
  deadlineMs: 10_000,
};
const controlLane: PlannedLane = { ...operatorLane, name: 'control', role: 'control', probe: { kind: 'core-dns' } };
const rule = { atLeast: 0.99, p99Ms: 1_000, overMs: 15_000 };
const otherwise = 'nothing was shown';

type Ending = Partial<{ readonly outcome: string; readonly totalMs: number }> | 'lost';

interface World {
  /** How a call that was due at this second ended; default: ok after 5 ms. */
  readonly admin?: (s: number) => Ending;
  readonly control?: (s: number) => Ending;
}

const refused = { outcome: 'request:timeout', totalMs: 10_000 } as const;
const lockedFrom = (fromS: number, toS: number) => ({
  admin: (s: number): Ending => (s >= fromS && s < toS ? refused : {}),
});

/** The control lane fails from then on. */
function broken(fromS: number): World {
  return { control: (s) => (s >= fromS ? { outcome: 'resolve:SERVFAIL' } : {}) };
}

/** Every call of the operator succeeds, late. */
function slowFrom(fromS: number): World {
  return { admin: (s) => (s >= fromS ? { totalMs: 3_000 } : {}) };
}

/** One call of the operator ends like this. */
function once(atS: number, ending: Ending): World {
  return { admin: (s) => (s === atS ? ending : {}) };
}

function evidenceOf(expectations: readonly PlannedExpectation[], { admin, control }: World) {
  const plan: Plan = { ...samplePlan, lanes: [operatorLane, controlLane], method: [], budgets: [], expectations };
  const samples = (node: string, lane: string, ending: (s: number) => Ending = () => ({})): EventBody => ({
    type: 'samples',
    node,
    lane,
    session: 'one',
    offsetMs: 0,
    errorMs: 0,
    dropped: 0,
    rows: Array.from({ length: endS }, (_, s): SampleRow[] => {
      const end = ending(s);
      if (end === 'lost') return [];
      return [[s, s * 1_000, 0, end.outcome ?? 'ok', end.totalMs ?? 5, -1, 1, 1, -1]];
    }).flat(),
  });
  const bodies: [number, EventBody][] = [
    [0, { type: 'probing-started', atMs: 0, nodes: ['worker', 'operator'] }],
    [faultS, { type: 'fault-started', fault: 'telemetry-rollout', sabotaged: false, targets: ['worker'] }],
    [healS, { type: 'phase-started', phase: 'heal' }],
    [endS, { type: 'phase-ended', phase: 'recover', outcome: 'ok' }],
    [endS, samples('operator', 'admin', admin)],
    [endS, samples('worker', 'control', control)],
  ];
  const events = bodies.map(([s, body], seq): RunEvent => ({ ...body, seq, monotonicMs: s * 1_000 }));
  return collectEvidence(plan, events);
}

function judged(expectation: PlannedExpectation, world: World) {
  const [result] = judgeExpectations(evidenceOf([expectation], world));
  return [result?.outcome, result?.measured];
}

describe('a lock-out', () => {
  const locksOut = { kind: 'locks-out', lane: 'admin', atLeastMs: 30_000, otherwise } as const;

  it('is the time without a success, looked for on the operator only', () => {
    expect(judged(locksOut, lockedFrom(40, 75))).toEqual(['met', 'operator: no success for 35 s']);
    expect(judged(locksOut, lockedFrom(40, 95))).toEqual(['met', 'operator: no success for 50 s, to the heal']);
  });

  it('that is too short, or only a few unlucky calls, is none', () => {
    expect(judged(locksOut, lockedFrom(40, 60))).toEqual(['not-met', 'operator: no success for 20 s']);
    expect(judged({ ...locksOut, atLeastMs: 1_000 }, lockedFrom(40, 44))[0]).toBe('not-met');
  });

  it('is not known where one missing sample may have been a success', () => {
    const { admin } = lockedFrom(40, 80);
    expect(judged(locksOut, { admin: (s) => (s === 50 ? 'lost' : admin(s)) })).toEqual([
      'unknown',
      'operator: missing of the lock-out: 1 sample',
    ]);
  });

  it('is how the control plane is lost, although /readyz goes on answering', () => {
    const { loss, window } = evidenceOf([locksOut], lockedFrom(40, 80));
    expect([loss.atMs, window.fromMs]).toEqual([40_000, 30_000]);
  });
});

describe('a way in that stays open', () => {
  const getsThrough = { kind: 'gets-through', lane: 'admin', share: 0.9, otherwise } as const;

  it('answers this share of the calls between the first fault and the heal', () => {
    expect(judged(getsThrough, lockedFrom(40, 45))).toEqual(['met', 'operator: 91.666 % of 60 calls']);
    expect(judged(getsThrough, lockedFrom(40, 75))[0]).toBe('not-met');
  });

  it('is not known where missing samples could decide it', () => {
    expect(judged(getsThrough, { admin: (s) => (s >= 40 && s < 50 ? 'lost' : {}) })[0]).toBe('unknown');
  });
});

describe('an alarm', () => {
  const alarms = { kind: 'alarms', lane: 'admin', rule, otherwise } as const;
  it('comes with the end of the first call that breaks the rule', () => {
    const measured = 'operator: alarm 16 s after the first fault, 14 s before the data plane failed';
    expect(judged(alarms, { ...lockedFrom(35, 80), ...broken(60) })).toEqual(['met', measured]);
  });

  it('comes for slow successes as well', () => {
    expect(judged(alarms, { ...slowFrom(35), ...broken(60) })[0]).toBe('met');
  });

  it('that comes after the damage is no warning', () => {
    const measured = 'operator: alarm 21 s after the first fault, 19 s after the data plane failed';
    expect(judged(alarms, { ...lockedFrom(40, 80), ...broken(32) })).toEqual(['not-met', measured]);
  });

  it('has no lead to tell where the data plane never failed', () => {
    expect(judged(alarms, lockedFrom(40, 80))[0]).toBe('unknown');
    expect(judged(alarms, broken(60))).toEqual(['not-met', 'operator: no alarm']);
  });

  it('is measured for the report', () => {
    const evidence = evidenceOf([alarms], { ...lockedFrom(35, 80), ...broken(60) });
    expect(operatorMeasures(evidence)).toEqual({
      lockOuts: { admin: { startMs: 35_000, durationMs: 45_000, open: false } },
      alarmMs: 46_000,
      detectionLeadMs: 14_000,
    });
  });
});

describe('a harmless twin', () => {
  const quiet = { kind: 'stays-quiet', lane: 'admin', before: 'telemetry-rollout', rule, otherwise } as const;

  it('sets off no alarm before the first fault', () => {
    expect(judged(quiet, lockedFrom(35, 80))).toEqual(['met', 'operator: no alarm in 30 s']);
    expect(judged(quiet, lockedFrom(12, 14))).toEqual(['not-met', 'operator: alarm 7 s before telemetry-rollout']);
  });

  it('may have one call that is slow or fails', () => {
    expect(judged(quiet, once(12, { outcome: 'request:429' }))[0]).toBe('met');
  });

  it('is not blamed for a call that was under way when the fault began', () => {
    expect(judged(quiet, lockedFrom(22, 80))[0]).toBe('met');
  });

  it('is not proven quiet by missing samples', () => {
    expect(judged(quiet, once(12, 'lost'))).toEqual(['unknown', 'operator: samples are missing']);
  });
});
