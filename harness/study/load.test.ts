import { describe, expect, it } from 'vitest';
import type { EventBody, RunEvent } from '../core/events.ts';
import type { SampleRow } from '../core/sample.ts';
import { telemetryAgent } from '../experiment/builders.ts';
import type { Plan, PlannedStep } from '../plan/plan.ts';
import { samplePlan } from '../verdict/testing/sample-plan.ts';
import { loadOf } from './load.ts';

/** Times in seconds: the rollout at 20, confirmed at 30, all 50 agents at work from 40 on, the heal at 70. */
const [rolloutS, confirmedS, fullS, healS] = [20, 30, 40, 70];

const agent = telemetryAgent('full-list-quorum', { nodes: 50, interval: '10s' });
const description = { does: '', targets: '', confirmedBy: [], undo: '' };
const rollout: PlannedStep = {
  kind: 'inject',
  name: 'telemetry-rollout',
  fault: { kind: 'telemetry-rollout', agent },
  sabotaged: false,
  when: null,
  description,
};
const plan: Plan = {
  ...samplePlan,
  cluster: {
    ...samplePlan.cluster,
    telemetry: { fakeNodes: 50, podsPerNode: 20, agent: telemetryAgent('watch'), fairness: 'default' },
  },
  lanes: [
    {
      name: 'subject',
      role: 'subject',
      probe: { kind: 'operator', credential: 'admin', call: 'get' },
      rateHz: 1,
      deadlineMs: 10_000,
    },
  ],
  method: [rollout],
  budgets: [],
  expectations: [],
};

type Timed = readonly [s: number, body: EventBody];

/** Two pods that together send 5 requests a second from second 30 on; `waiting` more of them have no answer every second. */
function report(s: number, waiting = 0): Timed[] {
  return ['a', 'b'].map((pod) => {
    const requests = 2.5 * Math.max(0, s - confirmedS);
    const inFlight = waiting * Math.max(0, s - fullS);
    const common = { node: 'worker', pod, mode: agent.mode, nodes: 25, forbidden: 0, timeouts: 0, bytes: 0 };
    const counters = { requests, ok: requests - inFlight, refused: 0, failed: 0, inFlight, p50Ms: 1, p99Ms: 1 };
    return [s + 0.2, { type: 'agent-report', atMs: s * 1_000, ...common, ...counters }];
  });
}

/** 0.05 CPU seconds a second without the load; with it 5 LISTs of 0.02 a second. */
function metrics(s: number): Timed {
  const lists = 5 * Math.max(0, s - confirmedS);
  return [
    s,
    {
      type: 'api-metrics',
      reachable: true,
      readMs: 5,
      bytes: 1_000,
      cpuS: 10 + 0.05 * s + 0.02 * lists,
      inFlight: {},
      levels: {},
      lists: { pods: { count: 7 + lists, totalS: 1 + 0.5 * lists } },
    },
  ];
}

const seconds = Array.from({ length: healS + 5 }, (_, s) => s);
const life: readonly Timed[] = [
  [0, { type: 'probing-started', atMs: 0, nodes: ['worker', 'operator'] }],
  [rolloutS, { type: 'fault-started', fault: rollout.name, sabotaged: false, targets: ['worker'] }],
  [confirmedS, { type: 'fault-confirmed', fault: rollout.name, kills: null, targets: [] }],
  [healS, { type: 'phase-started', phase: 'heal' }],
];
const gets: Timed = [
  healS + 5,
  {
    type: 'samples',
    node: 'operator',
    lane: 'subject',
    session: 'one',
    offsetMs: 0,
    errorMs: 0,
    dropped: 0,
    // Slow before the load is whole, which does not count; one call fails later.
    rows: seconds.map((s): SampleRow => [
      s,
      s * 1_000,
      0,
      s === 50 ? 'request:429' : 'ok',
      s < fullS ? 900 : 8,
      -1,
      1,
      1,
      -1,
    ]),
  },
];

function loadAfter(...timed: readonly Timed[]) {
  const events = timed
    .toSorted(([a], [b]) => a - b)
    .map(([s, body], seq): RunEvent => ({ ...body, seq, monotonicMs: s * 1_000 }));
  return loadOf(plan, events);
}

const usual = [...life, gets, ...seconds.flatMap((s) => report(s)), ...seconds.map(metrics)];

describe('the load of a run', () => {
  it('is counted from when all agents are at work to the heal', () => {
    expect(loadAfter(...usual)).toEqual({
      nodes: 50,
      objects: 1_000,
      agents: 50,
      askedPerS: 5,
      windowS: 30,
      sent: 150,
      answeredPerS: 5,
      refused: 0,
      unanswered: 0,
      listS: 0.5,
      cpuPerS: 0.15,
      idleCpuPerS: 0.05,
      cpuPerListS: 0.02,
      getP99Ms: 8,
      getFailures: 1,
      gets: 30,
      unreachable: 0,
    });
  });

  it('has LISTs without an answer where those under way grow', () => {
    const load = loadAfter(...life, gets, ...seconds.flatMap((s) => report(s, 0.5)), ...seconds.map(metrics));
    expect(load).toMatchObject({ sent: 150, unanswered: 0.2, refused: 0, answeredPerS: 4 });
  });

  it('has no cost where the API server was never asked, as in old logs', () => {
    const load = loadAfter(...life, gets, ...seconds.flatMap((s) => report(s)));
    expect(load).toMatchObject({ sent: 150, cpuPerS: null, cpuPerListS: null, listS: null, unreachable: 0 });
  });

  it('has no cost where the API server began anew meanwhile', () => {
    const again = seconds.map((s): Timed => {
      const [at, body] = metrics(s);
      return [
        at,
        s < 60 || body.type !== 'api-metrics' || !body.reachable ? body : { ...body, cpuS: 0.1, lists: {} },
      ] as Timed;
    });
    const load = loadAfter(...life, gets, ...seconds.flatMap((s) => report(s)), ...again);
    expect(load).toMatchObject({ cpuPerS: null, cpuPerListS: null, listS: null });
  });

  it('tells how often the API server gave no answer, and goes by the others', () => {
    const some = seconds.map((s): Timed => {
      return s >= 50 && s < 55 ? [s, { type: 'api-metrics', reachable: false, message: 'no answer' }] : metrics(s);
    });
    const load = loadAfter(...life, gets, ...seconds.flatMap((s) => report(s)), ...some);
    expect(load).toMatchObject({ unreachable: 5, cpuPerListS: 0.02 });
  });

  it('is none where the run ended before all agents were at work', () => {
    const early = usual.map((one): Timed => (one[1].type === 'phase-started' ? [fullS - 1, one[1]] : one));
    expect(loadAfter(...early)).toBeNull();
    expect(loadAfter(...life, gets)).toBeNull();
  });
});
