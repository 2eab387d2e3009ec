import { formatMs } from '../core/duration.ts';
import type { PlannedLane, PlannedProbe } from './plan.ts';

/** A row: the lane's name, and all there is to know about it. */
export function describeLane(lane: PlannedLane): [name: string, text: string] {
  const rate = `${lane.rateHz}/s, deadline ${formatMs(lane.deadlineMs)}`;
  return [lane.name, `${lane.role}: ${describeProbe(lane.probe)}; ${rate}`];
}

const calls = {
  get: 'GET of one ConfigMap',
  list: 'LIST of up to 500 pods',
  patch: 'PATCH of one annotation',
} as const;

function describeProbe(probe: PlannedProbe): string {
  switch (probe.kind) {
    case 'core-dns':
      return 'resolve at CoreDNS itself, connect, one HTTP request';
    case 'node-dns-cache':
      return `resolve at the node's DNS cache, connect, one HTTP request; ${describeCache(probe)}`;
    case 'api-server':
      return 'GET /readyz of the API server on a connection that is kept alive';
    case 'operator':
      return `${calls[probe.call]} as ${probe.credential}, from outside the cluster`;
    case 'loopback':
      return 'the prober asks itself, which tells a starved prober from a broken cluster';
  }
}

function describeCache(probe: PlannedProbe & { readonly kind: 'node-dns-cache' }): string {
  const ttlS = probe.holdMs / 1_000;
  return [
    `holds an answer for ${bothClocks(probe.holdIncidentMs, probe.holdMs)} (minimum and maximum TTL ${ttlS} s)`,
    `serve-stale ${probe.serveStale}`,
    `forwards over ${probe.forward.toUpperCase()}${probe.upstream === 'all' ? ' to all CoreDNS pods, ready or not' : ''}`,
    `DNS on port ${probe.dnsPort}, metrics on ${probe.metricsPort} of the node`,
  ].join(', ');
}

/** `20m of incident time = 20s`; only `20s` when time is not scaled. */
export function bothClocks(incidentMs: number, wallMs: number): string {
  const wall = formatMs(wallMs);
  return incidentMs === wallMs ? wall : `${formatMs(incidentMs)} of incident time = ${wall}`;
}
