import { scaledToMs, toMs } from '../core/duration.ts';
import type { ExperimentDefinition, LaneRole, LaneSpec } from '../experiment/spec.ts';
import type { PlannedLane, PlannedProbe } from './plan.ts';
import { cachePorts } from './ports.ts';

const deadlineMs = 2_000;
/** As long as people wait, and kubectl's own requests in practice. */
const operatorDeadlineMs = 10_000;
/** Samples per second and node. DNS at 50/s places a failure within 20 ms; the API is asked gently, by operators once a second. */
const rateHz = { dns: 50, api: 20, loopback: 10, operator: 1 } as const;

/**
 * The declared lanes in their order, then two that every run has: `api` (unless a declared lane asks the API server)
 * confirms faults of the API, and `loopback` tells a starved prober from a broken cluster.
 */
export function planLanes(lanes: ExperimentDefinition['lanes'], timeScale: number): readonly PlannedLane[] {
  const planned: PlannedLane[] = [];
  let caches = 0;
  for (const [name, spec] of Object.entries(lanes)) {
    const probe = planProbe(spec, timeScale, caches);
    if (probe.kind === 'node-dns-cache') caches += 1;
    planned.push(lane(name, roleOf(name), probe));
  }
  if (!planned.some(({ probe }) => probe.kind === 'api-server')) {
    planned.push(lane('api', 'reference', { kind: 'api-server' }));
  }
  planned.push(lane('loopback', 'reference', { kind: 'loopback' }));
  return planned;
}

/** Wall milliseconds; 0 when no lane holds anything. */
export function longestHoldMs(lanes: readonly PlannedLane[]): number {
  return Math.max(0, ...lanes.map(({ probe }) => (probe.kind === 'node-dns-cache' ? probe.holdMs : 0)));
}

function lane(name: string, role: LaneRole, probe: PlannedProbe): PlannedLane {
  const limitMs = probe.kind === 'operator' ? operatorDeadlineMs : deadlineMs;
  return { name, role, probe, rateHz: rateOf(probe), deadlineMs: limitMs };
}

function planProbe(spec: LaneSpec, timeScale: number, cacheIndex: number): PlannedProbe {
  if (spec.kind !== 'node-dns-cache') return spec;
  const { dnsPort, metricsPort } = cachePorts(cacheIndex);
  return {
    kind: spec.kind,
    holdMs: scaledToMs(spec.hold, timeScale),
    holdIncidentMs: toMs(spec.hold.scaled),
    serveStale: spec.serveStale,
    forward: spec.forward,
    upstream: spec.upstream,
    dnsPort,
    metricsPort,
  };
}

function rateOf(probe: PlannedProbe): number {
  switch (probe.kind) {
    case 'core-dns':
    case 'node-dns-cache':
      return rateHz.dns;
    case 'api-server':
      return rateHz.api;
    case 'loopback':
      return rateHz.loopback;
    case 'operator':
      return probe.rateHz ?? rateHz.operator;
  }
}

function roleOf(name: string): LaneRole {
  return name === 'subject' || name === 'control' ? name : 'reference';
}
