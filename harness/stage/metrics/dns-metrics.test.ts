import { expect, test } from 'vitest';
import { dnsMetrics } from './dns-metrics.ts';

const at = { server: 'dns://:53', view: '' };

async function samplesOf(metrics: ReturnType<typeof dnsMetrics>): Promise<string[]> {
  const { body, contentType } = await metrics.exposition();
  expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  return body.split('\n').filter((line) => line.startsWith('coredns_') && !/_bucket|_sum/.test(line));
}

test('before the first query there is nothing but the build and what has no labels', async () => {
  expect(await samplesOf(dnsMetrics('1.12.1'))).toEqual([
    'coredns_build_info{version="1.12.1"} 1',
    'coredns_panics_total 0',
    'coredns_forward_healthcheck_broken_total 0',
    'coredns_forward_max_concurrent_rejects_total 0',
  ]);
});

test("what is counted has CoreDNS's names and labels", async () => {
  const metrics = dnsMetrics('1.12.1');
  metrics.server.requests.inc({ ...at, zone: '.', proto: 'udp', family: '1', type: 'A' });
  metrics.server.responses.inc({ ...at, zone: '.', rcode: 'SERVFAIL', plugin: 'kubernetes' });
  metrics.server.duration.observe({ ...at, zone: '.', type: 'A' }, 0.001);
  metrics.cache.entries.set({ ...at, zones: '.', type: 'success' }, 7);
  metrics.cache.hits.inc({ ...at, zones: '.', type: 'denial' });
  for (const name of ['misses', 'requests', 'servedStale', 'prefetches'] as const) {
    metrics.cache[name].inc({ ...at, zones: '.' });
  }
  metrics.forward.duration.observe({ proxy_name: 'forward', to: '127.20.200.10:53', rcode: 'NOERROR' }, 0.002);
  metrics.kubernetesFailures.inc({ code: '<error>', method: 'GET', host: '127.20.0.1:6443' });
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
    'coredns_cache_prefetch_total{server="dns://:53",view="",zones="."} 1',
    'coredns_proxy_request_duration_seconds_count{proxy_name="forward",to="127.20.200.10:53",rcode="NOERROR"} 1',
    'coredns_kubernetes_rest_client_requests_total{code="<error>",method="GET",host="127.20.0.1:6443"} 1',
  ]) {
    expect(samples).toContain(expected);
  }
});
