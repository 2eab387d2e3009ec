import type { ApiAnswer, ApiCall } from '../../cluster/api-connection.ts';
import type { ApiDoor } from '../../cluster/cluster.ts';
import type { EventBody } from '../../core/events.ts';
import type { Sample } from '../../core/sample.ts';
import type { WaySpec } from '../../experiment/rung-spec.ts';
import type { TelemetryAgentSpec } from '../../experiment/spec.ts';
import { agentsRef } from '../../fault/telemetry/rollout-change.ts';
import { fakeWorld, type FakeWorld } from '../../fault/testing/fake-cluster.ts';
import { agentConfig, agentConfigAnnotation } from '../../plan/agent-config.ts';
import type { PlannedAttempt, PlannedRung } from '../../plan/planned-attempt.ts';
import { attempt } from '../attempt.ts';
import type { RungContext } from '../context.ts';

const load: TelemetryAgentSpec = {
  mode: 'full-list-quorum',
  resource: 'pods',
  interval: '20s',
  jitter: 0.2,
  concurrency: 1,
  timeout: '60s',
  retry: 'none',
  readBytesPerS: 4e6,
  nodes: 1_000,
};

/** A rung that promises to read and write within 20 s, unless told otherwise. */
export function step(
  way: WaySpec,
  changes: Partial<PlannedRung & { readonly disturbs: boolean }> = {},
): PlannedAttempt {
  const { disturbs = true, ...rung } = changes;
  return {
    kind: 'attempt',
    name: 'rung-at-1000',
    rung: { name: 'rung', promises: ['read', 'write'], withinMs: 20_000, dependsOn: [], optional: false, way, ...rung },
    level: '1000 agents',
    load,
    quietMs: 10_000,
    lane: 'admin-patch',
    disturbs,
  };
}

export const superAdmin: WaySpec = { way: 'call', credential: 'break-glass', via: 'address', kubeconfig: null };

export interface Ladder {
  readonly world: FakeWorld;
  readonly events: readonly EventBody[];
  /** Changes that were made and taken back, in order: `+ CHANGE`, `- CHANGE`. */
  readonly changes: readonly string[];
  readonly calls: readonly string[];
  /** Of the calls, in their order. */
  readonly deadlines: readonly number[];
  readonly context: RungContext;
  try(attempt: PlannedAttempt): Promise<boolean>;
  eventsOf<Type extends EventBody['type']>(type: Type): readonly Extract<EventBody, { readonly type: Type }>[];
}

/** Requests of an agent that runs, in half a second. */
const requests = { busy: 12, slow: 0.1, silent: 0 } as const;
type Agents = keyof typeof requests | 'absent';

export interface LadderOptions {
  /** Whether the agents run, and how many requests they send. Default: `busy`. */
  readonly agents?: Agents;
  /** How a call of the normal admin fails that is locked out. Default: request:timeout. */
  readonly refusal?: string;
  /** Whether a call of the normal admin that begins now fails after 10 s. Default: it does while an agent runs. */
  readonly isLockedOut?: (ms: number, world: FakeWorld) => boolean;
  /** Answers operators' calls; undefined: as a server that keeps what is written. */
  readonly answer?: (door: ApiDoor, call: ApiCall, world: FakeWorld) => ApiAnswer | Error | undefined;
  readonly manifest?: string;
  /** When the kubelet starts an agent again that was stopped. Default: after 400 ms. */
  readonly restartMs?: number;
  /** By how much the run's clock is faster: real clocks count in fractions. Default 0. */
  readonly drift?: number;
  readonly signal?: AbortSignal;
}

const share = load.nodes / 2;
/** The controller manager takes its time. */
const podsStayMs = 4_000;
const answered = { status: 200, body: '', priorityLevelUid: 'uid-exempt' };
/** Nothing goes on after that. */
const lastsMs = 300_000;

/** A cluster with a crowd of agents that locks the normal admin out, in virtual time. */
export function fakeLadder(options: LadderOptions = {}): Ladder {
  const { agents = 'busy', isLockedOut = agentsRun, drift = 0, refusal = 'request:timeout' } = options;
  const changes: string[] = [];
  const deadlines: number[] = [];
  const events: EventBody[] = [];
  const { world, calls } = answeringWorld(options);
  if (agents !== 'absent') startAgents(world, requests[agents]);
  const admin = startAdmin(world, isLockedOut, refusal);
  const context: RungContext = {
    cluster: {
      ...world.context.cluster,
      callApi: async (door, call, deadlineMs) => {
        deadlines.push(deadlineMs);
        return await world.context.cluster.callApi(door, call, deadlineMs);
      },
    },
    clock: world.clock,
    emit: (event) => events.push(event),
    nowMs: () => world.clock.monotonicMs() * (1 + drift),
    signal: world.context.signal,
    tryRun: async (argv) => ({ exitCode: 1, stdout: argv.join(' '), stderr: '' }),
    perform: async (change) => {
      changes.push(`+ ${change.describe}`);
      await change.snapshot();
      await change.apply();
    },
    takeBack: async (change) => void changes.push(`- ${change.describe}`),
    observations: {
      nodes: world.observations.nodes,
      dnsLane: undefined,
      reports: (node) => world.observations.reports(node).map((report) => ({ ...report, node })),
      samplesSince: (_lane, _node, sinceMs) => admin().filter(({ startMs }) => startMs >= sinceMs),
    },
    memory: {},
  };
  return {
    world,
    events,
    changes,
    calls,
    deadlines,
    context,
    try: async (one) => await attempt(one, context),
    eventsOf: (type) => events.filter((event): event is never => event.type === type),
  };
}

/** An API server that keeps what is written, and lets the normal admin wait while it is locked out. */
function answeringWorld(options: LadderOptions): { readonly world: FakeWorld; readonly calls: readonly string[] } {
  const { isLockedOut = agentsRun, restartMs = 400, signal, manifest } = options;
  const calls: string[] = [];
  let kept = '{}';
  let havePods = true;
  const world = fakeWorld({
    ...(signal && { signal }),
    ...(manifest !== undefined && { manifest }),
    // Kubelets start what belongs to a DaemonSet that is still there.
    restartMs: () => (world.api.objects.some(({ kind }) => kind === 'DaemonSet') ? restartMs : undefined),
    onCall: async (door, call) => {
      calls.push(`${door.credential} ${door.via} ${call.method}`);
      const own = options.answer?.(door, call, world);
      if (own instanceof Error) throw own;
      if (own) return own;
      if (door.credential === 'admin' && isLockedOut(world.clock.monotonicMs(), world)) {
        await world.clock.sleep(10_000);
        throw new Error('no answer within 10 s');
      }
      if (call.method === 'GET' && call.path.includes('/daemonsets/')) {
        const isThere = world.api.objects.some(({ kind }) => kind === 'DaemonSet');
        return { ...answered, status: isThere ? 200 : 404 };
      }
      if (call.method === 'PATCH') kept = JSON.stringify(call.body);
      if (call.path.includes('/pods?')) return { ...answered, body: JSON.stringify({ items: havePods ? [{}] : [] }) };
      if (call.method === 'DELETE') {
        world.api.remove('DaemonSet', agentsRef.name);
        world.clock.after(podsStayMs, () => (havePods = false));
      }
      return { ...answered, body: kept };
    },
  });
  const levels = { apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'PriorityLevelConfiguration' };
  world.api.objects.push({ ...levels, metadata: { name: 'exempt', uid: 'uid-exempt' } });
  return { world, calls };
}

function agentsRun(_ms: number, { workers }: FakeWorld): boolean {
  return workers.some((worker) => worker.isRunning('agent'));
}

/** Pods on both workers, which tell every half second that they count more; a container that is stopped tells nothing. */
function startAgents(world: FakeWorld, perHalfS: number): void {
  const annotations = { [agentConfigAnnotation]: agentConfig(load, 2) };
  const metadata = { name: agentsRef.name, namespace: 'blackstart', labels: { app: 'agent' } };
  const spec = { template: { metadata: { annotations } } };
  world.api.objects.push({ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata, spec });
  for (const worker of world.workers) {
    worker.run('agent', `agent-${worker.name}`, 0, 'blackstart');
    let count = 0;
    const tell = (): void => {
      if (worker.isRunning('agent')) {
        count += perHalfS;
        const counters = { requests: Math.floor(count), ok: Math.floor(count / 4), refused: Math.floor(count / 2) };
        world.observations.tell(worker.name, {
          pod: `agent-${worker.name}`,
          mode: load.mode,
          nodes: share,
          ...counters,
        });
      }
      if (world.clock.monotonicMs() < lastsMs) world.clock.after(500, tell);
    };
    tell();
  }
}

/** The normal admin calls once a second; a call that is not answered fails after 10 s. Gives what has ended. */
function startAdmin(
  world: FakeWorld,
  isLockedOut: NonNullable<LadderOptions['isLockedOut']>,
  refusal: string,
): () => readonly Sample[] {
  const samples: Sample[] = [];
  const callNow = (): void => {
    const startMs = world.clock.monotonicMs();
    const ok = !isLockedOut(startMs, world);
    const totalMs = ok ? 20 : 10_000;
    const times = { seq: samples.length, dueMs: startMs, startMs, endMs: startMs + totalMs, lagMs: 0, totalMs };
    samples.push({ ...times, ok, outcome: ok ? 'ok' : refusal, resolveMs: -1, ttlS: -1 });
    if (startMs < lastsMs) world.clock.after(1_000, callNow);
  };
  callNow();
  // In order, as the prober tells them: what ended early waits for what began before it.
  return () => {
    const firstOpen = samples.findIndex(({ endMs }) => endMs > world.clock.monotonicMs());
    return firstOpen < 0 ? samples : samples.slice(0, firstOpen);
  };
}
