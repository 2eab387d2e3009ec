import { formatShare, formatTime } from '../verdict/format.ts';
import type { LaneResult, Result } from '../verdict/result.ts';
import { clock } from './clock.ts';
import { table, wrap } from './table.ts';

const none = '–';

/** One line per lane, and one per node below it. */
export function laneLines({ lanes }: Result): string[] {
  const rows = Object.entries(lanes).flatMap(([name, lane]) => [
    [name, lane.role, ...figures(lane), ''],
    ...Object.entries(lane.nodes).map(([node, one]) => [
      '',
      node,
      ...figures(one),
      one.lastRefreshMs === null ? '' : clock(one.lastRefreshMs),
    ]),
  ]);
  const head = [
    'lane',
    'role / node',
    'samples',
    'failed',
    'available',
    'outage',
    'first',
    'p50',
    'p99',
    'max',
    'refresh',
  ];
  return [...table('llrrrrrrrrr', head, rows), ...outcomeLines(lanes)];
}

function figures(lane: LaneResult | LaneResult['nodes'][string]): string[] {
  const { samples, failures, availability, longestOutageMs, firstFailureMs, latencyMs } = lane;
  return [
    String(samples),
    String(failures),
    availability === null ? none : formatShare(availability),
    failures === 0 ? none : formatTime(longestOutageMs),
    firstFailureMs === null ? none : clock(firstFailureMs),
    optional(latencyMs.p50),
    optional(latencyMs.p99),
    optional(latencyMs.max),
  ];
}

function outcomeLines(lanes: Result['lanes']): string[] {
  return Object.entries(lanes).flatMap(([name, { outcomes }]) => {
    const failed = Object.entries(outcomes).filter(([outcome]) => outcome !== 'ok');
    if (failed.length === 0) return [];
    return wrap(`${name} failed with ${failed.map(([outcome, times]) => `${outcome} × ${times}`).join(', ')}`);
  });
}

const upstreamNames = {
  answering: 'answering',
  noListener: 'no listener',
  servfail: 'SERVFAIL',
  endpointsEmpty: 'endpoints empty',
  unknown: 'unknown',
} as const;

/** The subject's figures by what CoreDNS did at that time. */
export function upstreamLines({ lanes }: Result): string[] {
  const rows = Object.entries(lanes).flatMap(([name, { byUpstream }]) =>
    Object.entries(byUpstream ?? {})
      .filter(([, one]) => one.samples > 0)
      .map(([state, { samples, failures, availability, latencyMs }]) => [
        name,
        upstreamNames[state as keyof typeof upstreamNames],
        String(samples),
        String(failures),
        availability === null ? none : formatShare(availability),
        optional(latencyMs.p50),
        optional(latencyMs.p90),
        optional(latencyMs.p99),
        optional(latencyMs.max),
      ]),
  );
  return table('llrrrrrrr', ['lane', 'CoreDNS', 'samples', 'failed', 'available', 'p50', 'p90', 'p99', 'max'], rows);
}

/** What each lane answered from over time, one line per lane and node. */
export function timelineLines({ lanes }: Result): string[] {
  return Object.entries(lanes)
    .filter(([, lane]) => lane.kind !== 'loopback')
    .flatMap(([name, lane]) =>
      Object.entries(lane.nodes)
        .filter(([, one]) => one.timeline.length > 0)
        .flatMap(([node, one]) => {
          const parts = one.timeline.map((stretch) => stretchText(stretch, lane.kind));
          const stale = one.staleShare === null ? '' : ` (stale ${formatShare(one.staleShare)} of expiry to heal)`;
          return wrap(`${name} on ${node}: ${parts.join(' → ')}${stale}`);
        }),
    );
}

/** Where nothing is known. */
export function gapLines({ lanes }: Result): string[] {
  const rows = Object.entries(lanes).flatMap(([name, lane]) =>
    lane.gaps.map(({ node, fromMs, toMs, durationMs, cause }) => [
      name,
      node,
      clock(fromMs),
      clock(toMs),
      formatTime(durationMs),
      cause,
    ]),
  );
  return table('llrrrl', ['lane', 'node', 'from', 'to', 'for', 'cause'], rows);
}

function optional(ms: number | null): string {
  return ms === null ? none : formatTime(ms);
}

/** Only a cache has something that can be fresh. */
function stretchText({ state, fromMs, toMs }: LaneResult['nodes'][string]['timeline'][number], kind: string): string {
  const word = state === 'fresh' && kind !== 'node-dns-cache' ? 'answering' : state;
  return `${word} ${((toMs - fromMs) / 1_000).toFixed(0)} s`;
}
