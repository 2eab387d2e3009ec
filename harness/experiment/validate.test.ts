import { describe, expect, test } from 'vitest';
import { scaled, type Duration, type ScaledDuration } from '../core/duration.ts';
import { BlackstartError } from '../core/errors.ts';
import * as build from './builders.ts';
import * as judge from './judgement.ts';
import { limits, problemsAfter, sound } from '../test/sound-definition.ts';
import type { StepSpec } from './spec.ts';
import { findProblems, validateDefinition } from './validate.ts';

test('a sound definition has no problem', () => {
  expect(findProblems(sound, limits)).toEqual([]);
  expect(() => {
    validateDefinition('x', sound, limits);
  }).not.toThrow();
});

test('every problem is in one error, each with its path', () => {
  const bad = {
    ...sound,
    method: [build.inject('down', build.apiServerDown())],
    budgets: { subject: [judge.availability(1.2, { minSamples: 1 }), judge.latency({ p99: '0ms' })] },
    recovery: judge.timeToRecover('120s', { lanes: ['directt'], healthyFor: '10s' }),
  };
  const validate = (): void => {
    validateDefinition('mine', bad, limits);
  };
  expect(validate).toThrow(BlackstartError);
  expect(validate).toThrow(
    [
      "experiment 'mine' has 4 problems:",
      '  method: there is no observe step: everything would be healed at once',
      '  budgets.subject[0].atLeast: 1.2 is impossible: a share is above 0 and at most 1',
      '  budgets.subject[1].atMost: 0ms is impossible: a latency is longer than zero',
      "  recovery.lanes[0]: there is no lane 'directt'; did you mean 'direct'? (lanes: direct, control, subject)",
    ].join('\n'),
  );
});

const down = build.apiServerDown();

describe('a hold', () => {
  test('is at least 5 s of wall time', () => {
    expect(hold(scaled('20m'), 600)).toEqual([
      'lanes.subject.hold: hold 20m at time scale 600 is 2 s; at least 5 s (50m, or a smaller time scale)',
    ]);
    expect(hold(scaled('5m'), 60)).toEqual([]);
    expect(hold(scaled('299s'), 60)).toHaveLength(1);
  });

  test('is a whole number of seconds', () => {
    expect(hold(scaled('20m'), 7)).toEqual([
      'lanes.subject.hold: hold 20m at time scale 7 is 171.429 s; it must be a whole number of seconds, as every DNS TTL',
    ]);
    expect(hold(scaled('20m'), 48)).toEqual([]);
  });
});

describe('lanes', () => {
  test.each([
    ['Subject_1', "lanes.Subject_1: 'Subject_1' is no DNS label"],
    ['x'.repeat(41), 'is no DNS label'],
    ['loopback', "the name 'loopback' is taken"],
    ['api', "the name 'api' is taken"],
  ])('cannot be called %s', (name, message) => {
    const found = problemsAfter({ lanes: { ...sound.lanes, [name]: build.coreDns() } });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });

  test('may be called api when they ask the API server', () => {
    expect(problemsAfter({ lanes: { ...sound.lanes, api: build.apiServer() } })).toEqual([]);
  });

  test('need a control and a subject', () => {
    const { direct = build.coreDns() } = sound.lanes;
    const found = problemsAfter({ lanes: { direct } });
    expect(found).toContain("lanes: there is no lane 'subject': nothing would be judged");
    expect(found).toContain("lanes: there is no lane 'control': a run without one can prove nothing");
  });

  test('are as many caches as there are ports, and ask the API server once', () => {
    const cache = build.nodeDnsCache({ hold: scaled('20m') });
    expect(problemsAfter({ lanes: { ...sound.lanes, third: cache } })).toEqual([]);
    expect(problemsAfter({ lanes: { ...sound.lanes, third: cache, fourth: cache } })).toEqual([
      'lanes: at most 3 lanes can be node DNS caches',
    ]);
    expect(problemsAfter({ lanes: { ...sound.lanes, one: build.apiServer(), two: build.apiServer() } })).toEqual([
      'lanes: more than one lane asks the API server; one is enough',
    ]);
  });
});

describe('the method', () => {
  test('injects something, for longer than zero', () => {
    expect(method()).toEqual(['method: there is no inject step: nothing would be tested']);
    expect(method(build.inject('down', down), build.observe(scaled('0s')))).toEqual([
      'method[1].time: 0s is impossible: an observe step lasts longer than zero',
    ]);
  });

  test('calls every step by a name of its own', () => {
    expect(method(build.inject('down', down), build.inject('down', down))).toEqual([
      "method[1].name: a step named 'down' already stands at method[0].name",
    ]);
    expect(method(build.inject('API down', down))[0]).toContain("method[0].name: 'API down' is no DNS label");
  });

  test('waits only for lanes that are caches', () => {
    expect(whenOf('direct', 'expiry', '-1s')).toEqual([
      "method[0].when.lane: lane 'direct' is no cache (core-dns): it holds nothing that could run out",
    ]);
    expect(whenOf('contrl', 'expiry', '-1s')[0]).toContain("there is no lane 'contrl'; did you mean 'control'?");
    expect(whenOf('subject', 'expiry', '-1s')).toEqual([]);
  });

  test('waits for no moment before the refresh', () => {
    expect(whenOf('control', 'expiry', '-20s')).toEqual([]);
    expect(whenOf('control', 'expiry', '-21s')).toEqual([
      "method[0].when.offset: -21s from expiry lies before the refresh itself: lane 'control' holds for 20 s",
    ]);
    expect(whenOf('control', 'refresh', '-1s')).toHaveLength(1);
  });

  test('names containers for container-kill, and only there', () => {
    const select = build.pods.apiServer;
    expect(chaos({ action: 'container-kill', select })).toEqual([
      'method[0].fault.containerNames: container-kill needs the names of the containers to kill',
    ]);
    expect(chaos({ action: 'container-kill', select, containerNames: ['kube-apiserver'] })).toEqual([]);
    expect(chaos({ action: 'pod-kill', select, containerNames: ['x'] })[0]).toContain('takes no container names');
    expect(chaos({ action: 'pod-kill', select, duration: '5s' })[0]).toContain('pod-kill has no duration');
    expect(chaos({ action: 'pod-failure', select, duration: '5s' })).toEqual([]);
    expect(chaos({ action: 'pod-kill', select: { namespace: 'x', labels: {} } })[0]).toContain('there is no label');
  });
});

describe('a wrong shape', () => {
  test.each([
    [{ cluster: { workers: 0 } }, 'cluster.workers: 0 is impossible: 1 to 9 workers'],
    [{ cluster: { wrokers: 2 } }, 'cluster: Unrecognized key: "wrokers"'],
    [{ controlLane: 1 }, 'controlLane: there is no such section'],
    [{ steadyState: { beyondHold: '3' } }, 'steadyState.beyondHold: expected a duration such as 250ms'],
    [{ steadyState: { beyondHold: '-3s' } }, 'steadyState.beyondHold: -3s is less than zero'],
    [{ method: undefined }, 'method: '],
    [{ budgets: { subject: [{ kind: 'mean' }] } }, 'budgets.subject[0].kind: '],
  ])('%j is told with its path', (change, message) => {
    expect(problemsAfter(change)[0]).toContain(message);
  });

  test('in one section hides nothing in the others', () => {
    const found = problemsAfter({
      lanes: { subject: { kind: 'node-dns-cache', hold: '20m', serveStale: 'on', forward: 'tcp', upstream: 'ready' } },
      budgets: { subject: [judge.availability(2, { minSamples: 1 })] },
    });
    expect(found.map((line) => line.slice(0, line.indexOf(':')))).toEqual([
      'lanes.subject.hold',
      'lanes.subject.serveStale',
      'budgets.subject[0].atLeast',
    ]);
  });

  test('of the definition as a whole is one problem', () => {
    expect(findProblems(undefined, limits)).toHaveLength(1);
  });
});

/** What is wrong with this hold of lane `subject`. */
function hold(text: ScaledDuration, timeScale: number): string[] {
  const lanes = { ...sound.lanes, subject: build.nodeDnsCache({ hold: text }) };
  return problemsAfter({ lanes }, timeScale).filter((line) => line.startsWith('lanes.subject'));
}

/** What is wrong with these steps, followed by an observe step. */
function method(...steps: StepSpec[]): string[] {
  return problemsAfter({ method: [...steps, build.observe(scaled('40m'))] });
}

function chaos(options: build.PodChaosOptions): string[] {
  return method(build.inject('kill', build.podChaos(options)));
}

function whenOf(lane: string, from: 'refresh' | 'expiry', offset: Duration): string[] {
  return method(build.inject('down', down, { when: build.cached(lane, { from, offset }) }));
}
