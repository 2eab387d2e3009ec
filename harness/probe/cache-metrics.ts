const servedStale = 'coredns_cache_served_stale_total';

/**
 * How often a CoreDNS cache has answered from an expired entry, from the text of its /metrics: the sum over all label
 * sets. The counter appears with the first such answer; until then it is 0.
 */
export function servedStaleTotal(metrics: string): number {
  let total = 0;
  for (const line of metrics.split('\n')) {
    if (!line.startsWith(servedStale) || !/[{ ]/.test(line.charAt(servedStale.length))) continue;
    const value = Number(/\}? ([^ ]+)(?: \d+)?$/.exec(line)?.[1]);
    if (Number.isFinite(value)) total += value;
  }
  return total;
}
