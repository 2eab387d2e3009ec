import type { EventBody, RunEvent } from '../../core/events.ts';
import type { SampleRow } from '../../core/sample.ts';
import type { RungPromise, WaySpec } from '../../experiment/rung-spec.ts';
import type { Plan, PlannedLane } from '../../plan/plan.ts';
import type { PlannedAttempt } from '../../plan/planned-attempt.ts';
import { collectEvidence } from '../evidence.ts';
import { judgeRungs } from '../rungs.ts';
import { samplePlan } from './sample-plan.ts';

/** Times in seconds: the control from 10, the rung from 30, its promises within 20, over at 80, the heal at 90. */
const controlS = 10;
export const rungS = 30;
const overS = 80;
const healS = 90;
const endS = 120;

export const lane: PlannedLane = {
  name: 'admin-patch',
  role: 'reference',
  probe: { kind: 'operator', credential: 'admin', call: 'patch' },
  rateHz: 1,
  deadlineMs: 10_000,
};

export type Ending = Partial<{ readonly outcome: string; readonly totalMs: number }> | 'lost';

export interface World {
  readonly way?: WaySpec;
  readonly promises?: readonly RungPromise[];
  readonly optional?: boolean;
  /** How a call of the normal admin that was due at this second ended. Default: locked out to the heal. */
  readonly admin?: (s: number) => Ending;
  readonly events?: readonly [s: number, body: EventBody][];
  /** How it ended; undefined: the log ends before it. */
  readonly ended?: Partial<Extract<EventBody, { readonly type: 'rung-ended' }>> | null;
}

export const refused = { outcome: 'request:timeout', totalMs: 10_000 } as const;
export const attempt = 'rung-at-1000';

export const read: Extract<EventBody, { readonly type: 'rung-call' }> = {
  type: 'rung-call',
  attempt,
  call: 'read',
  through: 'break-glass by its address',
  startMs: rungS * 1_000,
  durationMs: 40,
  tries: 1,
  inARow: 5,
  status: 200,
  priorityLevel: 'exempt',
  readBack: null,
  readBackThrough: null,
  message: '',
};
export const write = { ...read, call: 'write', readBack: true, readBackThrough: 'break-glass on the node' } as const;
export const quiet: Extract<EventBody, { readonly type: 'rung-quiet' }> = {
  type: 'rung-quiet',
  attempt,
  fromMs: 40_000,
  toMs: 60_500,
  looks: 10,
  failedLooks: 0,
  running: [],
  objects: [],
};

export function report(s: number, requests: number, pod = 'agent-1'): [number, EventBody] {
  const zero = { ok: 0, refused: 0, forbidden: 0, failed: 0, timeouts: 0, bytes: 0, inFlight: 0, p50Ms: -1, p99Ms: -1 };
  const counters = { pod, mode: 'full-list-quorum', nodes: 500, requests, ...zero };
  return [s, { type: 'agent-report', node: 'worker', atMs: s * 1_000, ...counters }];
}

export function samples(node: string, name: string, ending: (s: number) => Ending): EventBody {
  return {
    type: 'samples',
    node,
    lane: name,
    session: 'one',
    offsetMs: 0,
    errorMs: 0,
    dropped: 0,
    rows: Array.from({ length: endS }, (_, s): SampleRow[] => {
      const end = ending(s);
      return end === 'lost' ? [] : [[s, s * 1_000, 0, end.outcome ?? 'ok', end.totalMs ?? 5, -1, 1, 1, -1]];
    }).flat(),
  };
}

/** The attempt of a world as it is planned. */
export const stepOf = ({ way, promises = ['read', 'write'], optional = false }: World): PlannedAttempt => ({
  kind: 'attempt',
  name: attempt,
  rung: {
    name: 'super-admin',
    promises,
    withinMs: 20_000,
    dependsOn: ['API server'],
    optional,
    way: way ?? { way: 'call', credential: 'break-glass', via: 'address', kubeconfig: null },
  },
  level: '1000 agents',
  load: {
    mode: 'full-list-quorum',
    resource: 'pods',
    interval: '20s',
    jitter: 0.2,
    concurrency: 1,
    timeout: '60s',
    retry: 'none',
    readBytesPerS: 0,
    nodes: 1_000,
  },
  quietMs: 20_000,
  lane: lane.name,
  disturbs: false,
});

export function judged(world: World) {
  const { admin = () => refused, events = [], ended = {} } = world;
  const plan: Plan = { ...samplePlan, lanes: [lane], method: [stepOf(world)], budgets: [], expectations: [] };
  const end: EventBody = {
    type: 'rung-ended',
    attempt,
    outcome: 'tried',
    fromMs: rungS * 1_000,
    message: '',
    ...ended,
  };
  const bodies: readonly [number, EventBody][] = [
    [0, { type: 'probing-started', atMs: 0, nodes: ['worker', 'operator'] }],
    [1, { type: 'fault-started', fault: 'telemetry-rollout', sabotaged: false, targets: ['worker'] }],
    [5, { type: 'rung-started', attempt, credential: { as: 'break-glass', file: 'super-admin.conf', expires: null } }],
    [rungS, { type: 'rung-control', attempt, lane: lane.name, fromMs: controlS * 1_000, toMs: 20_000 }],
    ...events,
    [60, samples('worker', 'other', () => ({}))],
    ...(ended === null ? [] : [[70, end] as [number, EventBody]]),
    [overS, { type: 'rung-started', attempt: 'next', credential: null }],
    [healS, { type: 'phase-started', phase: 'heal' }],
    [endS, { type: 'phase-ended', phase: 'recover', outcome: 'ok' }],
    [endS, samples('operator', lane.name, admin)],
  ];
  const log = bodies
    .toSorted(([a], [b]) => a - b)
    .map(([s, body], seq): RunEvent => ({ ...body, seq, monotonicMs: s * 1_000 }));
  const [rung] = judgeRungs(collectEvidence(plan, log));
  if (!rung) throw new Error('there is no rung');
  return rung;
}
