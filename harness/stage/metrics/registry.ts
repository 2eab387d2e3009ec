import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import Histogram from 'prom-client/lib/histogram.js';
import Registry from 'prom-client/lib/registry.js';

export type MetricRegistry = ReturnType<typeof openMetricRegistry>;

/**
 * Makers of metrics that all end up in one exposition; using a label that a metric was not made with throws. The
 * `process_*` of prom-client are not used: they wake the process up a hundred times a second, and a cluster has many.
 */
export function openMetricRegistry() {
  const registry = new Registry();
  const registers = [registry];
  const readers: (() => void)[] = [];
  const counter = <L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, buckets: number[], labelNames: readonly L[]) =>
    new Histogram({ name, help, labelNames, buckets, registers });
  /** `read` runs before every exposition, to set what is known only then. */
  const beforeExposition = (read: () => void): unknown => readers.push(read);
  const exposition = async (): Promise<{ contentType: string; body: string }> => {
    for (const read of readers) read();
    return { contentType: registry.contentType, body: await registry.metrics() };
  };
  const cpu = counter('process_cpu_seconds_total', 'CPU time used, user and system, in seconds.');
  const memory = gauge('process_resident_memory_bytes', 'Resident memory in bytes.');
  beforeExposition(() => {
    const { user, system } = process.cpuUsage();
    cpu.reset();
    cpu.inc((user + system) / 1_000_000);
    memory.set(process.memoryUsage.rss());
  });
  return { counter, gauge, histogram, beforeExposition, exposition };
}

/** `count` bounds, each `factor` times the one before. */
export function exponentialBuckets(first: number, factor: number, count: number): number[] {
  return Array.from({ length: count }, (_, step) => first * factor ** step);
}
