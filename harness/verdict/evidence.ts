import type { RunEvent } from '../core/events.ts';
import { nodesOf, type Plan, type PlannedLane } from '../plan/plan.ts';
import { controlPlaneLoss, type ControlPlaneLoss } from './control-plane-loss.ts';
import { firstLockOut } from './lock-out.ts';
import { moments, type Moments } from './moments.ts';
import { buildSeries, clockOffsets, type ClockOffset, type Series } from './series.ts';

/** What a cache said of itself, on the run's clock. */
export interface CacheRead {
  readonly atMs: number;
  readonly servedStale: number;
}

/** The time over which lanes are judged. */
interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Plan and event log, put in order once for all measures. */
export interface Evidence {
  readonly plan: Plan;
  readonly events: readonly RunEvent[];
  readonly moments: Moments;
  /** Every node that has, or should have, a prober; sorted. */
  readonly nodes: readonly string[];
  readonly offsets: ReadonlyMap<string, ClockOffset>;
  readonly loss: ControlPlaneLoss;
  /** Control plane lost (in an overload the first fault; else that, else the start of probing) to the end of the recovery. */
  readonly window: Window;
  /** The series of a lane, one for every node, also for a node without samples. */
  series(this: void, lane: string): readonly Series[];
  cacheReads(this: void, lane: string, node: string): readonly CacheRead[];
}

export function collectEvidence(plan: Plan, events: readonly RunEvent[]): Evidence {
  const when = moments(events);
  const offsets = clockOffsets(events);
  const nodes = probedNodes(events);
  const lanes = new Map(plan.lanes.map((lane) => [lane.name, laneSeries(lane, nodesOf(lane, nodes), events, offsets)]));
  const series = (lane: string): readonly Series[] => lanes.get(lane) ?? [];
  const api = apiLane(plan);
  const lockOut = lockOutOf(plan, series, when);
  const loss = lockOut ?? controlPlaneLoss(api ? series(api.name) : [], when);
  // An overload does not begin with the lock-out but with the change that leads to it.
  const fromMs = (lockOut ? null : loss.atMs) ?? when.firstFaultMs ?? when.probingStartMs ?? 0;
  return {
    plan,
    events,
    moments: when,
    nodes,
    offsets,
    loss,
    window: { fromMs, toMs: Math.max(fromMs, when.endMs) },
    series,
    cacheReads: (lane, node) =>
      events.flatMap((event) =>
        event.type === 'cache-read' && event.lane === lane && event.node === node
          ? [{ atMs: event.monotonicMs, servedStale: event.servedStale }]
          : [],
      ),
  };
}

/**
 * Where the plan expects a lock-out, that is how the control plane is lost: an overloaded API server goes on answering
 * /readyz, which is exempt from its queues.
 */
function lockOutOf(plan: Plan, series: Evidence['series'], when: Moments): ControlPlaneLoss | undefined {
  const expected = plan.expectations.find(({ kind }) => kind === 'locks-out');
  if (!expected || when.firstFaultMs === null) return undefined;
  const first = firstLockOut(series(expected.lane), when.firstFaultMs, when.healStartMs ?? when.endMs);
  return { ...first, atHeal: false };
}

/** A lane's series on one node; undefined where it is not probed. */
export function seriesOn(node: string, lane: string, { series }: Pick<Evidence, 'series'>): Series | undefined {
  return series(lane).find((one) => one.node === node);
}

/** The lane that probes the API server. */
export function apiLane(plan: Plan): PlannedLane | undefined {
  return plan.lanes.find((lane) => lane.probe.kind === 'api-server');
}

function laneSeries(
  lane: PlannedLane,
  nodes: readonly string[],
  events: readonly RunEvent[],
  offsets: ReadonlyMap<string, ClockOffset>,
): readonly Series[] {
  const ofLane = events.filter((event) => event.type === 'samples').filter((event) => event.lane === lane.name);
  return nodes.map((node) =>
    buildSeries(
      { lane: lane.name, node, rateHz: lane.rateHz },
      ofLane.filter((event) => event.node === node),
      offsets.get(node)?.offsetMs ?? 0,
    ),
  );
}

function probedNodes(events: readonly RunEvent[]): readonly string[] {
  const names = events.flatMap((event) => {
    if (event.type === 'probing-started') return event.nodes;
    return event.type === 'samples' ? [event.node] : [];
  });
  return [...new Set(names)].toSorted();
}
