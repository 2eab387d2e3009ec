import { expect, test } from 'vitest';
import { dnsMetrics } from './dns-metrics.ts';

const at = { server: 'dns://:53', view: '' };

async function samplesOf(metrics: ReturnType<typeof dnsMetrics>): Promise<string[]> {
  const { body, contentType } = await metrics.exposition();
  expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  return body.split('\n').filter((line) => line.startsWith('coredns_') && !/_bucket|_sum/.test(line));
}

test('before the first query there is nothing but the build and what has no labels', async () => {
  expect(await samplesOf(dnsMetrics({ version: '1.12.1' }))).toEqual([
    expect.stringMatching(/^coredns_build_info\{version="1\.12\.1",revision="embedded",goversion="node v\d.*"\} 1$/),
    'coredns_panics_total 0',
    'coredns_forward_healthcheck_broken_total 0',
    'coredns_forward_max_concurrent_rejects_total 0',
    'coredns_health_request_duration_seconds_count 0',
    'coredns_health_request_failures_total 0',
  ]);
});

test("what is counted has CoreDNS's names and labels", async () => {
  const metrics = dnsMetrics({ version: '1.12.1' });
  metrics.server.requests.inc({ ...at, zone: '.', proto: 'udp', family: '1', type: 'A' });
  metrics.server.responses.inc({ ...at, zone: '.', rcode: 'SERVFAIL', plugin: 'kubernetes' });
  metrics.server.duration.observe({ ...at, zone: '.', type: 'A' }, 0.001);
  metrics.cache.entries.set({ ...at, zones: '.', type: 'success' }, 7);
  metrics.cache.hits.inc({ ...at, zones: '.', type: 'denial' });
  for (const name of ['misses', 'requests', 'servedStale', 'drops', 'prefetches'] as const) {
    metrics.cache[name].inc({ ...at, zones: '.' });
  }
  metrics.cache.evictions.inc({ ...at, zones: '.', type: 'success' });
  metrics.forward.duration.observe({ proxy_name: 'forward', to: '127.20.200.10:53', rcode: 'NOERROR' }, 0.002);
  metrics.kubernetes.restClientRequests.inc({ code: '<error>', method: 'GET', host: '127.20.0.1:6443' });
  const samples = await samplesOf(metrics);
  for (const expected of [
    'coredns_dns_requests_total{server="dns://:53",view="",zone=".",proto="udp",family="1",type="A"} 1',
    'coredns_dns_responses_total{server="dns://:53",view="",zone=".",rcode="SERVFAIL",plugin="kubernetes"} 1',
    'coredns_dns_request_duration_seconds_count{server="dns://:53",view="",zone=".",type="A"} 1',
    'coredns_cache_entries{server="dns://:53",view="",zones=".",type="success"} 7',
    'coredns_cache_hits_total{server="dns://:53",view="",zones=".",type="denial"} 1',
    'coredns_cache_misses_total{server="dns://:53",view="",zones="."} 1',
    'coredns_cache_requests_total{server="dns://:53",view="",zones="."} 1',
    'coredns_cache_served_stale_total{server="dns://:53",view="",zones="."} 1',
    'coredns_cache_drops_total{server="dns://:53",view="",zones="."} 1',
    'coredns_cache_prefetch_total{server="dns://:53",view="",zones="."} 1',
    'coredns_cache_evictions_total{server="dns://:53",view="",zones=".",type="success"} 1',
    'coredns_proxy_request_duration_seconds_count{proxy_name="forward",to="127.20.200.10:53",rcode="NOERROR"} 1',
    'coredns_kubernetes_rest_client_requests_total{code="<error>",method="GET",host="127.20.0.1:6443"} 1',
  ]) {
    expect(samples).toContain(expected);
  }
});

test('two servers in one process do not share their numbers', async () => {
  const [first, second] = [dnsMetrics({ version: '1.12.1' }), dnsMetrics({ version: '1.12.1' })];
  first.panics.inc();
  expect(await samplesOf(first)).toContain('coredns_panics_total 1');
  expect(await samplesOf(second)).toContain('coredns_panics_total 0');
});
