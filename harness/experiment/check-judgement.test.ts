import { describe, expect, test } from 'vitest';
import { scaled } from '../core/duration.ts';
import { problemsAfter, sound } from '../test/sound-definition.ts';
import * as build from './builders.ts';
import * as judge from './judgement.ts';
import type { BudgetSpec, ExpectationSpec } from './spec.ts';

describe('budgets', () => {
  test.each([0, -1, 1.2, Number.NaN])('availability %d is impossible', (atLeast) => {
    expect(budget(judge.availability(atLeast, { minSamples: 10 }))[0]).toContain('budgets.subject[0].atLeast');
  });

  test('availability 1 is possible', () => {
    expect(budget(judge.availability(1, { minSamples: 10 }))).toEqual([]);
  });

  test.each([0, 0.5, -3])('%d samples are impossible', (minSamples) => {
    expect(budget(judge.availability(0.9, { minSamples }))[0]).toContain('budgets.subject[0].minSamples');
  });

  test('a quantile is above 0 and at most 1', () => {
    expect(budget(judge.latency({ p100: '1s' }), judge.latency({ 'p99.9': '1s' }))).toEqual([]);
    expect(budget(judge.latency({ p120: '1s' }))[0]).toContain('budgets.subject[0].quantile: 1.2 is impossible');
    expect(budget(judge.latency({ p0: '1s' }))).toHaveLength(1);
  });

  test('the longest outage is not above the outage', () => {
    expect(budget(judge.longestOutage('40s'))).toEqual([]);
    expect(budget(judge.longestOutage('41s'))).toEqual([
      'budgets.subject[0].atMost: 41s can never be exceeded: the whole outage takes 40s of wall time',
    ]);
    expect(budget(judge.longestOutage('0s'))).toHaveLength(1);
  });

  test('are for lanes that exist, each budget once, and one at least for the subject', () => {
    const list = [judge.longestOutage('1s')];
    expect(problemsAfter({ budgets: { subject: list, sujbect: list } })[0]).toContain(
      "budgets.sujbect: there is no lane 'sujbect'; did you mean 'subject'?",
    );
    expect(budget(judge.longestOutage('1s'), judge.longestOutage('2s'))).toEqual([
      'budgets.subject[1]: a longest-outage budget already stands at budgets.subject[0]',
    ]);
    expect(budget(judge.latency({ p50: '1s' }), judge.latency({ p99: '2s' }))).toEqual([]);
    expect(budget()).toEqual(["budgets: there is no budget for lane 'subject': nothing would be judged"]);
  });

  test('latency() takes one quantile', () => {
    expect(() => judge.latency({ p50: '1s', p99: '2s' })).toThrow('exactly one quantile');
    expect(() => judge.latency({})).toThrow('exactly one quantile');
  });
});

describe('expectations', () => {
  test('say how the control lane breaks', () => {
    expect(problemsAfter({ expectations: [judge.answersStale('subject', { share: 0.5, otherwise: 'x' })] })).toEqual([
      "expectations: nothing says how lane 'control' breaks: a pass would prove nothing",
    ]);
  });

  test('of a load are the proof instead of a control lane, and need agents', () => {
    const expectations = [judge.underLoad('subject', { share: 0.5, otherwise: 'x' })];
    const { control: _, ...lanes } = sound.lanes;
    const telemetry = {
      fakeNodes: 1,
      podsPerNode: 1,
      agent: build.telemetryAgent('watch'),
      fairness: 'default',
    } as const;
    const method = [build.inject('down', build.apiServerDown()), build.observe(scaled('40m'))];
    expect(problemsAfter({ lanes, method, expectations, cluster: { telemetry } })).toEqual([]);
    expect(problemsAfter({ lanes, method, expectations })).toEqual([
      'expectations[0].lane: nobody loads it: cluster.telemetry is missing',
    ]);
    expect(problemsAfter({ lanes, method, expectations: [] })[0]).toContain("there is no lane 'control'");
  });

  test('of an expiry are for caches', () => {
    expect(
      expectation(
        judge.breaksAtExpiry('direct', { within: '1s', share: 1, otherwise: 'x' }),
        judge.answersStale('direct', { share: 1, otherwise: 'x' }),
        judge.breaks('direct', { before: 'control', otherwise: 'x' }),
      ).map((line) => line.slice(0, line.indexOf(':'))),
    ).toEqual(['expectations[1].lane', 'expectations[2].lane']);
  });

  test.each([
    [judge.breaks('nobody', { otherwise: 'x' }), "expectations[1].lane: there is no lane 'nobody'"],
    [judge.breaks('direct', { before: 'nobody', otherwise: 'x' }), 'expectations[1].before: there is no lane'],
    [judge.breaks('direct', { before: 'direct', otherwise: 'x' }), 'a lane cannot break before itself'],
    [judge.breaks('direct', { otherwise: ' ' }), 'expectations[1].otherwise: say what it means'],
    [judge.answersStale('subject', { share: 0, otherwise: 'x' }), 'expectations[1].share: 0 is impossible'],
    [judge.breaksAtExpiry('subject', { within: '0ms', share: 1, otherwise: 'x' }), 'expectations[1].within: 0ms'],
  ])('%j is refused', (spec, message) => {
    const found = expectation(spec);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });
});

test('recovery waits for lanes, each once, for longer than zero', () => {
  expect(recovery([])[0]).toBe('recovery.lanes: there is no lane whose recovery is waited for');
  expect(recovery(['direct', 'direct'])).toEqual([
    "recovery.lanes[1]: lane 'direct' already stands at recovery.lanes[0]",
    'recovery.atMost: 0s is impossible: nothing recovers in no time',
    'recovery.healthyFor: 0s is impossible: a healthy window is longer than zero',
  ]);
});

function budget(...list: BudgetSpec[]): string[] {
  return problemsAfter({ budgets: { subject: list } });
}

function expectation(...list: ExpectationSpec[]): string[] {
  return problemsAfter({ expectations: [...sound.expectations, ...list] });
}

function recovery(lanes: string[]): string[] {
  return problemsAfter({ recovery: judge.timeToRecover('0s', { lanes, healthyFor: '0s' }) });
}
