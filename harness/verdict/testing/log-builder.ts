import type { EventBody, RunEvent } from '../../core/events.ts';
import type { SampleRow } from '../../core/sample.ts';
import type { Plan } from '../../plan/plan.ts';
import { samplePlan } from './sample-plan.ts';
import { usualEnding, when, type At, type Ending } from './usual-world.ts';

export const nodes = ['node-1', 'node-2'] as const;

/** Another ending of a sample, or `lost`; undefined leaves the usual one. */
export type SampleChange = (at: At) => Partial<Ending> | 'lost' | undefined;

/** How a run differs from the usual one. */
export interface Difference {
  readonly plan?: (plan: Plan) => Plan;
  readonly sample?: SampleChange;
  /** The prober's session at that time. Default one session. */
  readonly session?: (at: At) => string;
  /** Answers from stale entries, per sample. Default: the subject after its expiry. */
  readonly isStale?: (at: At) => boolean;
  /** Changes, drops or adds events; order of time is restored afterwards. */
  readonly events?: (events: readonly Timed[]) => readonly Timed[];
}

/** An event with its time, before it has its number. */
export type Timed = EventBody & { readonly monotonicMs: number };

export interface Run {
  readonly plan: Plan;
  readonly events: readonly RunEvent[];
}

const intervalMs = 100;
const chunkMs = 2_000;
/** Run time minus node time. */
const offsetMs = 500;

/** Plan and event log of a run in small that passes, but for the difference. */
export function buildRun(difference: Difference = {}): Run {
  const plan = difference.plan?.(samplePlan) ?? samplePlan;
  const usual = [...life(), ...sampleEvents(plan, difference), ...cacheReads(difference)];
  const events = (difference.events?.(usual) ?? usual).toSorted((a, b) => a.monotonicMs - b.monotonicMs);
  return { plan, events: events.map((event, seq) => ({ ...event, seq })) };
}

/** An event at a time. */
export function at(monotonicMs: number, body: EventBody): Timed {
  return { ...body, monotonicMs };
}

function life(): readonly Timed[] {
  const targets = { first: `kube-system/coredns-abc`, api: `control-plane/kube-apiserver` };
  return [
    at(0, {
      type: 'run-started',
      schemaVersion: 1,
      experiment: 'dns-cache-expiry',
      backend: 'a-backend',
      seed: 42,
      timeScale: 60,
      startedAt: '2026-01-02T03:04:05.678Z',
    }),
    at(0, { type: 'phase-started', phase: 'prepare' }),
    at(400, { type: 'part-ended', part: 'cluster', durationMs: 400 }),
    at(450, {
      type: 'cluster-ready',
      name: 'blackstart-test',
      created: true,
      nodes: [],
      versions: { kubernetes: 'v1.34.4', coredns: '1.12.1' },
    }),
    at(700, { type: 'part-ended', part: 'chaosMesh', durationMs: 200 }),
    at(900, { type: 'part-ended', part: 'workloads', durationMs: 150 }),
    at(950, { type: 'probing-started', atMs: when.probing, nodes }),
    at(1_000, { type: 'phase-ended', phase: 'prepare', outcome: 'ok' }),
    at(1_000, { type: 'phase-started', phase: 'steady-state' }),
    at(9_500, { type: 'phase-ended', phase: 'steady-state', outcome: 'ok' }),
    at(9_500, { type: 'phase-started', phase: 'inject' }),
    ...fault('coredns-pod-kill', when.firstFault, targets.first, 1),
    ...fault('apiserver-kill', when.apiKilled, targets.api, 1),
    ...fault('apiserver-down', when.apiDown, targets.api, null),
    ...fault('coredns-restart', when.dnsRestarted, 'node-1/coredns', 1),
    at(16_000, { type: 'phase-ended', phase: 'inject', outcome: 'ok' }),
    at(16_000, { type: 'phase-started', phase: 'observe' }),
    at(when.heal, { type: 'phase-ended', phase: 'observe', outcome: 'ok' }),
    at(when.heal, { type: 'phase-started', phase: 'heal' }),
    at(30_200, { type: 'undo', change: 'park static pod kube-apiserver', outcome: 'ok' }),
    at(when.recover, { type: 'phase-ended', phase: 'heal', outcome: 'ok' }),
    at(when.recover, { type: 'phase-started', phase: 'recover' }),
    at(when.recovered, { type: 'phase-ended', phase: 'recover', outcome: 'ok' }),
    at(39_000, { type: 'phase-started', phase: 'teardown' }),
    at(39_800, { type: 'part-ended', part: 'cluster', durationMs: 800 }),
    at(39_800, { type: 'undo-verified', clean: true, leftovers: [] }),
    at(39_900, { type: 'phase-ended', phase: 'teardown', outcome: 'ok' }),
    at(40_000, { type: 'run-ended' }),
  ];
}

function fault(name: string, startMs: number, target: string, kills: number | null): readonly Timed[] {
  const evidence = ['crictl: container 1a2b → 3c4d', 'prober: 4 × connect:refused on node-1'];
  return [
    at(startMs, { type: 'fault-started', fault: name, sabotaged: false, targets: [target] }),
    at(startMs + 50, { type: 'fault-injected', fault: name }),
    at(startMs + 300, {
      type: 'fault-confirmed',
      fault: name,
      kills,
      targets: [{ name: target, confirmation: 'confirmed', evidence }],
    }),
  ];
}

function sampleEvents({ lanes }: Plan, difference: Difference): readonly Timed[] {
  return lanes.flatMap(({ name: lane }) =>
    nodes.flatMap((node) => {
      const chunks: Timed[] = [];
      for (let startMs = when.probing; startMs < when.lastSample; startMs += chunkMs) {
        const bySession = Map.groupBy(rows(lane, node, startMs, difference), (one) => one.session);
        for (const [session, some] of bySession) {
          const common = { type: 'samples', node, lane, session, offsetMs, dropped: 0 } as const;
          const errorMs = startMs === when.probing ? 0.4 : 2;
          // Later offsets are worse, and off: only the best may be used.
          const body = {
            ...common,
            errorMs,
            offsetMs: offsetMs + (errorMs > 1 ? 1.5 : 0),
            rows: some.map((one) => one.row),
          };
          chunks.push(at(startMs + chunkMs + 300, body));
        }
      }
      return chunks;
    }),
  );
}

function rows(
  lane: string,
  node: string,
  fromMs: number,
  { sample, session }: Difference,
): readonly { readonly session: string; readonly row: SampleRow }[] {
  const taken: { session: string; row: SampleRow }[] = [];
  for (let ms = fromMs; ms < Math.min(fromMs + chunkMs, when.lastSample); ms += intervalMs) {
    const place = { lane, node, ms };
    const other = sample?.(place);
    if (other === 'lost') continue;
    const { outcome, totalMs, ttlS, lagMs } = { ...usualEnding(place), ...other };
    const seq = (ms - when.probing) / intervalMs;
    const ok = outcome === 'ok';
    const row: SampleRow = [seq, ms - offsetMs, lagMs, outcome, totalMs, 1, ok ? 1 : -1, ok ? 1 : -1, ok ? ttlS : -1];
    taken.push({ session: session?.(place) ?? 'session-1', row });
  }
  return taken;
}

function cacheReads({ isStale = isUsuallyStale }: Difference): readonly Timed[] {
  return nodes.flatMap((node) =>
    ['control', 'subject'].flatMap((lane) => {
      const reads: Timed[] = [];
      let servedStale = 0;
      for (let ms: number = when.probing; ms < when.lastSample; ms += intervalMs) {
        if (isStale({ lane, node, ms })) servedStale++;
        if (ms % 1_000 === 900) reads.push(at(ms + 100, { type: 'cache-read', node, lane, servedStale }));
      }
      return reads;
    }),
  );
}

function isUsuallyStale({ lane, ms }: At): boolean {
  return lane === 'subject' && ms >= when.expiry && ms < when.dnsBack;
}
