import { exponentialBuckets, openMetricRegistry } from './registry.ts';

/** In seconds, 0.25 ms to 8 s: what CoreDNS uses for answers. */
const timeBuckets = exponentialBuckets(0.000_25, 2, 16);
const perServer = ['server', 'zone', 'view'] as const;
const perCache = ['server', 'zones', 'view'] as const;

export type DnsMetrics = ReturnType<typeof dnsMetrics>;

/**
 * The metrics of the DNS server, by CoreDNS's names and labels, so that the same queries read both. `server` is for
 * example `dns://:53`, `zone` and `zones` as the Corefile has them, `view` always ''. Nothing is in the exposition
 * until it was counted once, as in CoreDNS.
 *
 * @param version what `coredns_build_info` says, without a `v`.
 */
export function dnsMetrics(version: string) {
  const { counter, gauge, histogram, exposition } = openMetricRegistry();
  gauge('coredns_build_info', 'Always 1; the version is in the labels.', ['version']).set({ version }, 1);
  return {
    exposition,
    panics: counter('coredns_panics_total', 'Queries that ended in an unexpected exception.'),
    server: {
      requests: counter('coredns_dns_requests_total', 'DNS requests.', [...perServer, 'proto', 'family', 'type']),
      /** `plugin` is the one that wrote the answer. */
      responses: counter('coredns_dns_responses_total', 'DNS responses.', [...perServer, 'rcode', 'plugin']),
      duration: histogram('coredns_dns_request_duration_seconds', 'Time that a DNS request took.', timeBuckets, [
        ...perServer,
        'type',
      ]),
    },
    /** A hit of a stale entry counts as hit and as served stale. `type` is success or denial. */
    cache: {
      entries: gauge('coredns_cache_entries', 'Entries in the cache.', [...perCache, 'type']),
      hits: counter('coredns_cache_hits_total', 'Lookups that found an entry.', [...perCache, 'type']),
      misses: counter('coredns_cache_misses_total', 'Lookups that found none.', perCache),
      requests: counter('coredns_cache_requests_total', 'Lookups.', perCache),
      servedStale: counter('coredns_cache_served_stale_total', 'Answers from expired entries.', perCache),
      prefetches: counter('coredns_cache_prefetch_total', 'Entries refreshed behind an answer.', perCache),
    },
    forward: {
      healthcheckBroken: counter('coredns_forward_healthcheck_broken_total', 'Requests with all upstreams unhealthy.'),
      maxConcurrentRejects: counter('coredns_forward_max_concurrent_rejects_total', 'Requests refused: too many.'),
      duration: histogram('coredns_proxy_request_duration_seconds', 'Time that an upstream took.', timeBuckets, [
        'proxy_name',
        'to',
        'rcode',
      ]),
    },
    /** `code` is the HTTP status, or `<error>` without an answer: the only sign that a healthy server lost the API. */
    kubernetesFailures: counter(
      'coredns_kubernetes_rest_client_requests_total',
      'Requests to the API server that failed.',
      ['code', 'method', 'host'],
    ),
  };
}
