import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import Histogram from 'prom-client/lib/histogram.js';
import Registry from 'prom-client/lib/registry.js';
import { addProcessMetrics } from './process-metrics.ts';

/** What GET /metrics answers with. */
export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

/** Makers of metrics that all end up in one exposition. Using a label that a metric was not made with throws. */
export interface MetricRegistry {
  readonly counter: <L extends string = never>(name: string, help: string, labels?: readonly L[]) => Counter<L>;
  readonly gauge: <L extends string = never>(name: string, help: string, labels?: readonly L[]) => Gauge<L>;
  readonly histogram: <L extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labels?: readonly L[],
  ) => Histogram<L>;
  /** `read` runs before every exposition, to set what is known only then. */
  readonly beforeExposition: (read: () => void) => void;
  readonly exposition: () => Promise<Exposition>;
}

/** A registry of its own, with `process_*` in it; prom-client's global one stays empty. */
export function openMetricRegistry(): MetricRegistry {
  const registry = new Registry();
  const registers = [registry];
  const readers: (() => void)[] = [];
  const metrics: MetricRegistry = {
    counter: (name, help, labelNames = []) => new Counter({ name, help, labelNames, registers }),
    gauge: (name, help, labelNames = []) => new Gauge({ name, help, labelNames, registers }),
    histogram: (name, help, buckets, labelNames = []) =>
      new Histogram({ name, help, labelNames, buckets: [...buckets], registers }),
    beforeExposition: (read) => void readers.push(read),
    exposition: async () => {
      for (const read of readers) read();
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
  addProcessMetrics(metrics);
  return metrics;
}

/** `count` bounds, each `factor` times the one before. */
export function exponentialBuckets(first: number, factor: number, count: number): number[] {
  return Array.from({ length: count }, (_, step) => first * factor ** step);
}
