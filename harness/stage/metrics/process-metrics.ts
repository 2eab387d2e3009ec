import { readdirSync, readFileSync } from 'node:fs';
import type { MetricRegistry } from './registry.ts';

/**
 * The `process_*` metrics that every Prometheus client has, read when they are asked for. prom-client's own set is not used: it
 * wakes its process up a hundred times a second to measure the event loop, and a cluster has many processes.
 */
export function addProcessMetrics(registry: MetricRegistry): void {
  const cpu = registry.counter('process_cpu_seconds_total', 'CPU time used, user and system, in seconds.');
  const memory = registry.gauge('process_resident_memory_bytes', 'Resident memory in bytes.');
  const open = registry.gauge('process_open_fds', 'Open file descriptors.');
  const limit = registry.gauge('process_max_fds', 'File descriptors that may be open at once.');
  const started = registry.gauge('process_start_time_seconds', 'Start of the process, in seconds since 1970.');
  started.set(Date.now() / 1_000 - process.uptime());
  registry.beforeExposition(() => {
    const { user, system } = process.cpuUsage();
    cpu.reset();
    cpu.inc((user + system) / 1_000_000);
    memory.set(process.memoryUsage.rss());
    open.set(readdirSync('/proc/self/fd').length);
    limit.set(maxFileDescriptors());
  });
}

function maxFileDescriptors(): number {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return soft === 'unlimited' ? Infinity : Number(soft);
}
