import { expect, it } from 'vitest';
import { Counters } from './counters.ts';
import { metricsText } from './metrics-text.ts';

function countersWith(...codes: readonly string[]): Counters {
  const counters = new Counters();
  for (const code of codes) {
    counters.sent();
    counters.ended(code, 10);
  }
  return counters;
}

it('tells apart how requests ended', () => {
  const counters = countersWith('200', '200', '429', '401', '403', '500', 'timeout', 'ECONNRESET');
  counters.sent();
  expect(counters.counts()).toMatchObject({
    requests: 9,
    ok: 2,
    refused: 1,
    forbidden: 2,
    failed: 3,
    timeouts: 1,
    inFlight: 1,
  });
});

it('takes the quantiles of the last 200 requests that were ok', () => {
  const counters = new Counters();
  const end = (code: string, ms: number): void => {
    counters.sent();
    counters.ended(code, ms);
  };
  end('200', 99_999);
  for (let ms = 1; ms <= 200; ms++) end('200', ms);
  end('429', 55_555);
  expect(counters.counts()).toMatchObject({ p50Ms: 100, p99Ms: 198 });
});

it('has no latency before a request was ok, and none of a watch', () => {
  const counters = countersWith('429');
  counters.sent();
  counters.ended('200');
  expect(counters.counts()).toMatchObject({ ok: 1, p50Ms: -1, p99Ms: -1 });
});

it('gives Prometheus the counters by mode and code', () => {
  const counters = countersWith('200', '200', 'timeout');
  counters.received(1_234);
  counters.watched(3);
  const text = metricsText(counters, { mode: 'full-list-rv0', nodes: 7 });
  expect(text).toContain('# TYPE blackstart_agent_requests_total counter\n');
  const samples = text.split('\n').filter((line) => !line.startsWith('#') && line !== '');
  expect(samples).toEqual([
    'blackstart_agent_requests_total{mode="full-list-rv0",code="200"} 2',
    'blackstart_agent_requests_total{mode="full-list-rv0",code="timeout"} 1',
    'blackstart_agent_response_bytes_total{mode="full-list-rv0"} 1234',
    'blackstart_agent_watch_events_total{mode="full-list-rv0"} 3',
    'blackstart_agent_requests_in_flight{mode="full-list-rv0"} 0',
    'blackstart_agent_nodes{mode="full-list-rv0"} 7',
    'blackstart_agent_request_seconds{mode="full-list-rv0",quantile="0.5"} 0.01',
    'blackstart_agent_request_seconds{mode="full-list-rv0",quantile="0.99"} 0.01',
  ]);
  expect(metricsText(new Counters(), { mode: 'watch', nodes: 1 })).not.toContain('quantile');
});
