import { describe, expect, it } from 'vitest';
import type { EventBody, RunEvent } from '../../core/events.ts';
import { deleteAgentsAct } from '../../core/rung-events.ts';
import { telemetryAgent } from '../../experiment/builders.ts';
import type { Plan, PlannedLane } from '../../plan/plan.ts';
import { judge } from '../../verdict/judge.ts';
import { refused, report, samples, type Ending } from '../../verdict/testing/judged-rung.ts';
import { samplePlan } from '../../verdict/testing/sample-plan.ts';
import type { RemedyMeasures } from './findings.ts';
import { remedyOf } from './measures.ts';

/** Times in seconds: the control from 10, the remedy from 30, watched to 90. */
const [remedyS, endS] = [30, 90];
const attempt = 'stop-agents-at-1000';

const lanes: readonly PlannedLane[] = [
  {
    name: 'admin-patch',
    role: 'reference',
    probe: { kind: 'operator', credential: 'admin', call: 'patch' },
    rateHz: 1,
    deadlineMs: 10_000,
  },
  { name: 'direct', role: 'reference', probe: { kind: 'core-dns' }, rateHz: 1, deadlineMs: 1_000 },
];

const plan: Plan = {
  ...samplePlan,
  parameters: { remedy: 'stop-agents' },
  lanes,
  budgets: [],
  expectations: [],
  method: [
    {
      kind: 'attempt',
      name: attempt,
      rung: {
        name: 'stop-agents',
        promises: [],
        withinMs: 60_000,
        dependsOn: [],
        optional: false,
        way: { way: 'remedies', ways: ['stop-agents'], operator: 'first' },
      },
      level: '1000 agents',
      load: telemetryAgent('full-list-quorum'),
      quietMs: 10_000,
      lane: 'admin-patch',
      disturbs: true,
    },
  ],
};

interface World {
  /** Seconds from which calls of the admin, and lookups, succeed. */
  readonly admin?: (s: number) => Ending;
  readonly dns?: (s: number) => Ending;
  readonly deletedS?: number | null;
  readonly running?: readonly string[];
  readonly requests?: readonly [s: number, EventBody][];
  /** What a second worker saw; undefined: there is none. */
  readonly other?: [s: number, body: EventBody];
}

const from =
  (s: number): ((at: number) => Ending) =>
  (at) =>
    at >= s ? {} : refused;

/** Calls that were due one after the other and were answered together, 9 s after the first. */
const queued = (s: number): Ending => (s < 31 ? refused : { totalMs: Math.max(5, 9_000 - (s - 31) * 1_000) });

function measured({ admin = from(40), dns = from(55), deletedS = 42, ...world }: World = {}): RemedyMeasures {
  const { running = [], requests = [report(20, 900), report(35, 1_000)] } = world;
  const act = { type: 'rung-act', attempt, act: deleteAgentsAct, ok: deletedS !== null, message: '' } as const;
  const bodies: readonly [number, EventBody][] = [
    [0, { type: 'probing-started', atMs: 0, nodes: ['worker', 'operator', ...(world.other ? ['other-worker'] : [])] }],
    ...(world.other ? [world.other] : []),
    [1, { type: 'fault-started', fault: 'telemetry-rollout', sabotaged: false, targets: ['worker'] }],
    [5, { type: 'rung-started', attempt, credential: null }],
    [29, { type: 'rung-control', attempt, lane: 'admin-patch', fromMs: 10_000, toMs: 20_000 }],
    ...requests,
    [43, { ...act, startMs: (deletedS ?? 30) * 1_000, durationMs: 250 }],
    ...([] as [number, EventBody][]).concat(
      deletedS === null
        ? []
        : [
            [
              70,
              {
                type: 'rung-quiet',
                attempt,
                fromMs: 45_000,
                toMs: 55_500,
                looks: 6,
                failedLooks: 0,
                running,
                objects: [],
              },
            ],
          ],
    ),
    [
      44,
      {
        type: 'api-metrics',
        reachable: true,
        readMs: 1,
        bytes: 1,
        cpuS: 1,
        inFlight: { readOnly: 7, mutating: 2 },
        levels: {},
        lists: {},
      },
    ],
    [54, samples('worker', 'direct', dns)],
    [endS, { type: 'rung-ended', attempt, outcome: 'tried', fromMs: remedyS * 1_000, message: '' }],
    [100, { type: 'phase-started', phase: 'heal' }],
    [120, samples('operator', 'admin-patch', admin)],
    [120, { type: 'undo-verified', clean: true, leftovers: [] }],
  ];
  const log = bodies
    .toSorted(([a], [b]) => a - b)
    .map(([s, body], seq): RunEvent => ({ ...body, seq, monotonicMs: s * 1_000 }));
  const found = remedyOf(plan, log, judge(plan, log));
  if (!found) throw new Error('there is no remedy');
  return found;
}

describe('a remedy is measured', () => {
  it('by the moments at which admin, agents and lookups are well, and all of it is', () => {
    expect(measured()).toMatchObject({
      remedy: 'stop-agents',
      seed: 42,
      outcome: 'tried',
      lockedOut: true,
      watchedMs: 60_000,
      firstMutationMs: 10_005,
      lastingMutationMs: 10_005,
      removedMs: 15_000,
      dataPlaneBroken: true,
      dataPlaneMs: 25_005,
      wellMs: 25_005,
      herd: { inFlight: 9, relocked: false },
    });
  });

  it('by the deletion of the DaemonSet where that is the first call that gets through, and not the lane', () => {
    expect(measured({ admin: from(70), deletedS: 35 })).toMatchObject({
      firstMutationMs: 5_250,
      lastingMutationMs: 40_005,
    });
  });

  it('not by a call that gets through now and then: it must last', () => {
    expect(measured({ admin: (s) => (s >= 60 || s === 40 ? {} : refused) })).toMatchObject({
      firstMutationMs: 10_005,
      lastingMutationMs: 30_005,
    });
  });

  it('by the answer: a call may have waited in the queue from before', () => {
    expect(measured({ admin: queued })).toMatchObject({ firstMutationMs: 10_000, lastingMutationMs: 10_000 });
  });

  it('not by samples that are missing', () => {
    expect(measured({ admin: (s) => (s < 40 ? refused : s % 4 === 0 ? 'lost' : {}) }).lastingMutationMs).toBeNull();
  });

  it('as without any effect where nothing comes of it', () => {
    const none = measured({ admin: () => refused, dns: () => refused, deletedS: null });
    expect(none).toMatchObject({
      firstMutationMs: null,
      lastingMutationMs: null,
      removedMs: null,
      dataPlaneMs: null,
      wellMs: null,
      herd: { relocked: null },
    });
  });

  it('as not having removed agents that ran again, or went on asking', () => {
    expect(measured({ running: ['agent on worker'] }).removedMs).toBeNull();
    expect(measured({ requests: [report(35, 1_000), report(50, 1_001)] })).toMatchObject({
      removedMs: null,
      wellMs: null,
    });
  });

  it('with a lock-out that came again', () => {
    expect(measured({ admin: (s) => (s >= 40 && (s < 50 || s > 60) ? {} : refused) })).toMatchObject({
      lastingMutationMs: 10_005,
      herd: { relocked: true },
    });
  });

  it('with the herd that came when the admin was back, not what was there before', () => {
    const requests = [report(20, 900), report(35, 5_000), report(41, 5_030), report(41.5, 5_040), report(42, 5_041)];
    expect(measured({ requests }).herd.agentsPerS).toBe(40);
  });

  it('without a data plane to recover where lookups never failed: that is no cure', () => {
    expect(measured({ dns: () => ({}) })).toMatchObject({ dataPlaneBroken: false, dataPlaneMs: null, wellMs: 15_000 });
  });
});

it.each<readonly [string, (s: number) => Ending, boolean]>([
  ['lookups that failed on both nodes are a broken data plane', from(55), true],
  ['lookups that failed on one node only are none', () => ({}), false],
  ['nor are lookups that are missing on a node', () => 'lost', false],
])('%s', (_, ending, broken) => {
  expect(measured({ other: [53, samples('other-worker', 'direct', ending)] }).dataPlaneBroken).toBe(broken);
});

it('a run that tries no remedy has none', () => {
  expect(remedyOf({ ...plan, method: [] }, [], judge({ ...plan, method: [] }, []))).toBeUndefined();
});
