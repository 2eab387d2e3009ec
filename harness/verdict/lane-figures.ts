import type { Sample } from '../core/sample.ts';
import type { PlannedLane } from '../plan/plan.ts';
import { staleShareOn } from './answers-stale.ts';
import { count, outcomes, type Counts } from './availability.ts';
import type { Evidence } from './evidence.ts';
import { roundMs, roundMsOrNull, roundShare } from './format.ts';
import { gaps } from './gaps.ts';
import { latency, type LatencyMs } from './latency.ts';
import { longestMs, outages } from './outage.ts';
import { lastRefresh } from './refresh.ts';
import type { LaneResult } from './result.ts';
import { dueBetween, lostIn, type Series } from './series.ts';
import { staleStretches } from './stale.ts';
import { timeline } from './timeline.ts';
import { upstreamAt, upstreamStates, type UpstreamState } from './upstream.ts';

/** All figures of a lane over the judged window. */
export function laneFigures(lane: PlannedLane, evidence: Evidence): LaneResult {
  const series = evidence.series(lane.name);
  const samples = series.flatMap((one) => inWindow(one, evidence));
  return {
    role: lane.role,
    kind: lane.probe.kind,
    ...figures(series, evidence),
    outcomes: outcomes(samples),
    gaps: laneGaps(series, evidence),
    nodes: Object.fromEntries(series.map((one) => [one.node, nodeFigures(lane, one, evidence)])),
    byUpstream: byUpstream(lane, series, evidence),
  };
}

function laneGaps(series: readonly Series[], { moments }: Evidence): LaneResult['gaps'] {
  const { probingStartMs, endMs } = moments;
  if (probingStartMs === null) return [];
  return series
    .flatMap((one) => gaps(one, probingStartMs, endMs))
    .map(({ node, fromMs, toMs, cause }) => ({
      node,
      fromMs: roundMs(fromMs),
      toMs: roundMs(toMs),
      durationMs: roundMs(toMs - fromMs),
      cause,
    }));
}

type Figures = Pick<
  LaneResult,
  'samples' | 'failures' | 'availability' | 'lost' | 'firstFailureMs' | 'longestOutageMs' | 'latencyMs'
>;

function figures(series: readonly Series[], evidence: Evidence): Figures {
  const { fromMs, toMs } = evidence.window;
  const samples = series.flatMap((one) => inWindow(one, evidence));
  const firstFailures = samples.filter((sample) => !sample.ok).map((sample) => sample.startMs);
  return {
    ...rounded(count(samples)),
    lost: series.reduce((sum, one) => sum + lostIn(one, fromMs, toMs).length, 0),
    firstFailureMs: firstFailures.length > 0 ? roundMs(firstFailures.reduce((a, b) => Math.min(a, b))) : null,
    longestOutageMs: roundMs(Math.max(0, ...series.map((one) => longestMs(outages(one, fromMs, toMs))))),
    latencyMs: roundedLatency(latency(samples)),
  };
}

function nodeFigures(lane: PlannedLane, series: Series, evidence: Evidence): LaneResult['nodes'][string] {
  const { firstFaultMs, healStartMs } = evidence.moments;
  const { fromMs, toMs } = evidence.window;
  const own = figures([series], evidence);
  const isCache = lane.probe.kind === 'node-dns-cache';
  const refresh = isCache ? lastRefresh(series, firstFailureDueMs(series, evidence) ?? healStartMs ?? toMs) : null;
  const share = staleShareOn(series.node, lane.name, evidence);
  const stale = staleStretches(series, evidence.cacheReads(lane.name, series.node));
  const stretches = firstFaultMs === null ? [] : timeline(series, stale, Math.min(firstFaultMs, fromMs), toMs);
  return {
    ...own,
    lastRefreshMs: roundMsOrNull(refresh?.atMs ?? null),
    staleShare: roundShare(share),
    timeline: stretches.map((one) => ({ ...one, fromMs: roundMs(one.fromMs), toMs: roundMs(one.toMs) })),
  };
}

function firstFailureDueMs(series: Series, evidence: Evidence): number | null {
  return inWindow(series, evidence).find((sample) => !sample.ok)?.dueMs ?? null;
}

function byUpstream(lane: PlannedLane, series: readonly Series[], evidence: Evidence): LaneResult['byUpstream'] {
  const dns = evidence.plan.lanes.find((other) => other.role === 'reference' && other.probe.kind === 'core-dns');
  if (lane.role !== 'subject' || !dns) return null;
  const byState = new Map<UpstreamState, Sample[]>(upstreamStates.map((state) => [state, []]));
  for (const one of series) {
    const reference = evidence.series(dns.name).find((other) => other.node === one.node);
    for (const sample of inWindow(one, evidence)) {
      byState.get(upstreamAt(reference, sample.dueMs, evidence.moments.healStartMs))?.push(sample);
    }
  }
  const figuresOf = (state: UpstreamState): NonNullable<LaneResult['byUpstream']>['answering'] => {
    const samples = byState.get(state) ?? [];
    return { ...rounded(count(samples)), latencyMs: roundedLatency(latency(samples)) };
  };
  return {
    answering: figuresOf('answering'),
    noListener: figuresOf('noListener'),
    servfail: figuresOf('servfail'),
    endpointsEmpty: figuresOf('endpointsEmpty'),
    unknown: figuresOf('unknown'),
  };
}

function inWindow({ samples }: Series, { window }: Evidence): readonly Sample[] {
  return dueBetween(samples, window.fromMs, window.toMs);
}

function rounded(counts: Counts): Counts {
  return { ...counts, availability: roundShare(counts.availability) };
}

function roundedLatency({ p50, p90, p99, max }: LatencyMs): LatencyMs {
  return { p50: roundMsOrNull(p50), p90: roundMsOrNull(p90), p99: roundMsOrNull(p99), max: roundMsOrNull(max) };
}
