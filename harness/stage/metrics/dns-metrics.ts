import { exponentialBuckets, openMetricRegistry, type MetricRegistry } from './registry.ts';

/** 0.25 ms to 8 s, doubled each time: what CoreDNS uses for answers. */
const timeBuckets = exponentialBuckets(0.000_25, 2, 16);
/** 0.25 ms to 2.5 s, times ten each time: what CoreDNS uses for its own health. */
const slimTimeBuckets = exponentialBuckets(0.000_25, 10, 5);

export type DnsMetrics = ReturnType<typeof dnsMetrics>;

/**
 * The metrics of the DNS server, by CoreDNS's names and labels, so that the same queries read both. `server` is for example
 * `dns://:53` or `dns://127.0.0.1:9511`, `zone` and `zones` as the Corefile has them, `view` is always ''. Nothing is in the
 * exposition until it was counted once, as in CoreDNS. Durations are in seconds.
 *
 * @param build what `coredns_build_info` says: the version without a `v`, for example 1.12.1.
 */
export function dnsMetrics(build: { version: string; revision?: string }) {
  const registry = openMetricRegistry();
  const info = registry.gauge('coredns_build_info', 'Always 1; the version is in the labels.', [
    'version',
    'revision',
    'goversion',
  ]);
  info.set({ version: build.version, revision: build.revision ?? 'embedded', goversion: `node ${process.version}` }, 1);
  return {
    exposition: registry.exposition,
    panics: registry.counter('coredns_panics_total', 'Queries that ended in an unexpected exception.'),
    server: serverMetrics(registry),
    cache: cacheMetrics(registry),
    forward: forwardMetrics(registry),
    kubernetes: {
      /** `code` is the HTTP status, or `<error>` when there was no answer: the only sign that a healthy server lost the API. */
      restClientRequests: registry.counter(
        'coredns_kubernetes_rest_client_requests_total',
        'Requests to the API server.',
        ['code', 'method', 'host'],
      ),
    },
    health: {
      duration: registry.histogram(
        'coredns_health_request_duration_seconds',
        "Duration of the server's requests to its own /health.",
        slimTimeBuckets,
      ),
      failures: registry.counter(
        'coredns_health_request_failures_total',
        "Failures of the server's requests to its own /health.",
      ),
    },
  };
}

function serverMetrics(registry: MetricRegistry) {
  return {
    /** `proto` udp or tcp, `family` 1 (IPv4) or 2 (IPv6), `type` A, AAAA, … or `other`. */
    requests: registry.counter('coredns_dns_requests_total', 'DNS requests.', [
      'server',
      'zone',
      'view',
      'proto',
      'family',
      'type',
    ]),
    /** `plugin` is the one that wrote the answer. */
    responses: registry.counter('coredns_dns_responses_total', 'DNS responses, by response code.', [
      'server',
      'zone',
      'view',
      'rcode',
      'plugin',
    ]),
    duration: registry.histogram('coredns_dns_request_duration_seconds', 'Time that a DNS request took.', timeBuckets, [
      'server',
      'zone',
      'view',
      'type',
    ]),
  };
}

/** A hit of a stale entry counts as hit and as served stale. `type` is success or denial. */
function cacheMetrics(registry: MetricRegistry) {
  const perCache = ['server', 'zones', 'view'] as const;
  const perType = ['server', 'type', 'zones', 'view'] as const;
  return {
    entries: registry.gauge('coredns_cache_entries', 'Entries in the cache.', perType),
    hits: registry.counter('coredns_cache_hits_total', 'Lookups that found an entry.', perType),
    misses: registry.counter('coredns_cache_misses_total', 'Lookups that found none.', perCache),
    requests: registry.counter('coredns_cache_requests_total', 'Lookups.', perCache),
    servedStale: registry.counter('coredns_cache_served_stale_total', 'Answers from expired entries.', perCache),
    drops: registry.counter('coredns_cache_drops_total', 'Answers not cached: question and answer differ.', perCache),
    evictions: registry.counter('coredns_cache_evictions_total', 'Entries thrown out to make room.', perType),
    prefetches: registry.counter('coredns_cache_prefetch_total', 'Entries refreshed before they expired.', perCache),
  };
}

function forwardMetrics(registry: MetricRegistry) {
  return {
    /** Requests for which no upstream was healthy. */
    healthcheckBroken: registry.counter(
      'coredns_forward_healthcheck_broken_total',
      'Requests while all upstreams were unhealthy.',
    ),
    maxConcurrentRejects: registry.counter(
      'coredns_forward_max_concurrent_rejects_total',
      'Requests refused because too many were under way.',
    ),
    /** `proxy_name` is `forward`, `to` the upstream's address with its port. */
    duration: registry.histogram(
      'coredns_proxy_request_duration_seconds',
      'Time that an upstream took to answer.',
      timeBuckets,
      ['proxy_name', 'to', 'rcode'],
    ),
  };
}
