import { quantile } from '../core/quantile.ts';
import { isRefreshed, toSample, type Sample, type SampleRow } from '../core/sample.ts';
import type { AgentCounters } from '../core/events.ts';
import { nodesOf, operatorNode, type Plan, type PlannedLane } from '../plan/plan.ts';

/** The counters of one agent, with when and where they were told (run time). */
export type AgentReport = AgentCounters & { readonly node: string; readonly atMs: number };

/** The samples of one lane on one node, oldest first. */
interface Series {
  readonly samples: Sample[];
  lastRefreshMs: number | undefined;
  lastFailureMs: number | undefined;
  /** TTL of the last answer that had one. */
  lastTtlS: number;
}

/**
 * What the probers saw so far, for confirmations and for the run's own waits. All times are run time. The verdict does
 * not come from here but from the event log.
 */
export class SampleStore {
  /** The workers, which have all lanes but the operator's. */
  readonly nodes: readonly string[];
  /** Every lane with the nodes on which it is probed. */
  readonly lanes: readonly { readonly lane: PlannedLane; readonly nodes: readonly string[] }[];
  /** The lane that probes the API server. */
  readonly apiLane: string;
  /** The lane that probes CoreDNS itself; undefined when the experiment has none. */
  readonly dnsLane: string | undefined;
  readonly #series = new Map<string, Series>();
  readonly #reports = new Map<string, AgentReport>();

  constructor(plan: Pick<Plan, 'lanes'>, nodes: readonly string[]) {
    const laneOfKind = (kind: string): string | undefined => plan.lanes.find((lane) => lane.probe.kind === kind)?.name;
    this.nodes = nodes;
    const hasOperator = plan.lanes.some((lane) => lane.probe.kind === 'operator');
    const probed = hasOperator ? [...nodes, operatorNode] : nodes;
    this.lanes = plan.lanes.map((lane) => ({ lane, nodes: nodesOf(lane, probed) }));
    this.apiLane = laneOfKind('api-server') ?? 'api';
    this.dnsLane = laneOfKind('core-dns');
  }

  /** Adds rows of one lane and node, in order of their sequence numbers. */
  add(lane: string, node: string, rows: readonly SampleRow[], offsetMs: number): void {
    const series = this.#of(lane, node);
    for (const row of rows) {
      const sample = toSample(row, offsetMs);
      series.samples.push(sample);
      if (!sample.ok) series.lastFailureMs = sample.startMs;
      if (sample.ttlS < 0) continue;
      if (isRefreshed(sample.ttlS, series.lastTtlS)) {
        series.lastRefreshMs = sample.startMs + Math.max(sample.resolveMs, 0);
      }
      series.lastTtlS = sample.ttlS;
    }
  }

  /** What a telemetry agent counted, newer than what it told before. */
  addReport(report: AgentReport): void {
    this.#reports.set(report.pod, report);
  }

  /** The newest report of every agent on a node. */
  reports(node: string): readonly AgentReport[] {
    return [...this.#reports.values()].filter((report) => report.node === node);
  }

  /** The samples that started at or after `sinceMs` and have ended, oldest first. */
  samplesSince(lane: string, node: string, sinceMs: number): readonly Sample[] {
    return [...since(this.#of(lane, node).samples, sinceMs)].toReversed();
  }

  /** How often each outcome was seen in samples that started at or after `sinceMs`. */
  outcomes(lane: string, node: string, sinceMs: number): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { outcome } of since(this.#of(lane, node).samples, sinceMs)) {
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    }
    return counts;
  }

  /** A quantile (0 to 1) of what samples took that started in a window, Infinity for failed ones; undefined for too few. */
  latencyMs(
    lane: string,
    node: string,
    q: number,
    { fromMs, toMs, leastSamples }: { readonly fromMs: number; readonly toMs: number; readonly leastSamples: number },
  ): number | undefined {
    const found = [...since(this.#of(lane, node).samples, fromMs)].filter(({ startMs }) => startMs < toMs);
    const took = found.map(({ ok, totalMs }) => (ok ? totalMs : Infinity));
    return took.length < leastSamples ? undefined : quantile(took, q);
  }

  /** Samples and failures of a lane on all nodes since then. */
  success(lane: string, sinceMs: number): { readonly samples: number; readonly failures: number } {
    const recent = this.nodes.flatMap((node) => [...since(this.#of(lane, node).samples, sinceMs)]);
    return { samples: recent.length, failures: recent.filter((sample) => !sample.ok).length };
  }

  /** When the lane's cache last asked upstream with success, exact to one sampling interval. */
  lastRefreshMs(lane: string, node: string): number | undefined {
    return this.#of(lane, node).lastRefreshMs;
  }

  /** Start of the last sample that failed. */
  lastFailureMs(lane: string, node: string): number | undefined {
    return this.#of(lane, node).lastFailureMs;
  }

  firstSampleMs(lane: string, node: string): number | undefined {
    return this.#of(lane, node).samples[0]?.startMs;
  }

  lastSampleMs(lane: string, node: string): number | undefined {
    return this.#of(lane, node).samples.at(-1)?.startMs;
  }

  #of(lane: string, node: string): Series {
    const key = `${lane}\0${node}`;
    let series = this.#series.get(key);
    if (!series) {
      series = { samples: [], lastRefreshMs: undefined, lastFailureMs: undefined, lastTtlS: -1 };
      this.#series.set(key, series);
    }
    return series;
  }
}

/** Newest first. A sample may have started a little after the next one's due time, never a second after. */
function* since(samples: readonly Sample[], sinceMs: number): Generator<Sample> {
  for (let index = samples.length - 1; index >= 0; index--) {
    const sample = samples[index] as Sample;
    if (sample.startMs >= sinceMs) yield sample;
    else if (sample.dueMs < sinceMs - 1_000) return;
  }
}
