import { expect, it } from 'vitest';
import { servedStaleTotal } from './cache-metrics.ts';

it('adds up all label sets and takes nothing else', () => {
  const metrics = [
    '# HELP coredns_cache_served_stale_total The number of requests served from stale cache entries.',
    '# TYPE coredns_cache_served_stale_total counter',
    'coredns_cache_served_stale_total{server="dns://127.0.0.1:9511",view="",zones="."} 2753',
    'coredns_cache_served_stale_total{server="dns://127.0.0.1:9511",view="",zones="a b"} 1.5e+03',
    'coredns_cache_served_stale_total_other 7',
    'coredns_cache_hits_total{type="success"} 99',
    '',
  ].join('\n');
  expect(servedStaleTotal(metrics)).toBe(4_253);
});

it('is 0 before the first stale answer, when the counter is not there yet', () => {
  expect(servedStaleTotal('go_goroutines 12\n')).toBe(0);
});
