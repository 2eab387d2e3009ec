import type { Counters } from './counters.ts';

/** The counters as Prometheus reads them. */
export function metricsText(counters: Counters, { mode, nodes }: { mode: string; nodes: number }): string {
  const { inFlight, bytes, p50Ms, p99Ms } = counters.counts();
  const label = `mode="${mode}"`;
  const codes = [...counters.codes].map(([code, count]): [string, number] => [`${label},code="${code}"`, count]);
  const quantiles: [string, number][] = [
    [`${label},quantile="0.5"`, p50Ms / 1_000],
    [`${label},quantile="0.99"`, p99Ms / 1_000],
  ];
  return [
    family('requests_total', 'counter', 'Requests that ended, by HTTP status or error', codes),
    family('response_bytes_total', 'counter', 'Bytes of bodies', [[label, bytes]]),
    family('watch_events_total', 'counter', 'Lines that watches told', [[label, counters.watchEvents]]),
    family('requests_in_flight', 'gauge', 'Requests under way, without open watches', [[label, inFlight]]),
    family('nodes', 'gauge', 'Nodes that this program stands for', [[label, nodes]]),
    // Nothing rather than a wrong number while no request was ok.
    family('request_seconds', 'gauge', 'Latency of the last 200 requests that were ok', p50Ms < 0 ? [] : quantiles),
  ].join('');
}

function family(name: string, type: string, help: string, samples: readonly [labels: string, value: number][]): string {
  const full = `blackstart_agent_${name}`;
  const lines = samples.map(([labels, value]) => `${full}{${labels}} ${value}\n`);
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join('')}`;
}
