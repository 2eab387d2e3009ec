import { describe, expect, it } from 'vitest';
import { ApiMetricsParser } from './api-metrics.ts';

/** Lines as kube-apiserver 1.34 writes them. */
const real = `# HELP process_cpu_seconds_total [ALPHA] Total user and system CPU time spent in seconds.
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 123.45
apiserver_current_inflight_requests{request_kind="mutating"} 1
apiserver_current_inflight_requests{request_kind="readOnly"} 7
apiserver_flowcontrol_rejected_requests_total{flow_schema="service-accounts",priority_level="workload-low",reason="queue-full"} 3
apiserver_flowcontrol_rejected_requests_total{flow_schema="service-accounts",priority_level="workload-low",reason="time-out"} 40
apiserver_flowcontrol_current_inqueue_requests{flow_schema="service-accounts",priority_level="workload-low"} 12
apiserver_flowcontrol_current_inqueue_requests{flow_schema="global-default",priority_level="global-default"} 0
apiserver_flowcontrol_request_wait_duration_seconds_bucket{execute="true",flow_schema="x",priority_level="workload-low",le="0"} 9
apiserver_flowcontrol_request_wait_duration_seconds_sum{execute="false",flow_schema="x",priority_level="workload-low"} 600.5
apiserver_flowcontrol_request_wait_duration_seconds_count{execute="false",flow_schema="x",priority_level="workload-low"} 40
apiserver_request_duration_seconds_bucket{component="apiserver",dry_run="",group="",resource="pods",scope="cluster",subresource="",verb="LIST",version="v1",le="0.6"} 5
apiserver_request_duration_seconds_sum{component="apiserver",dry_run="",group="",resource="pods",scope="cluster",subresource="",verb="LIST",version="v1"} 6.5
apiserver_request_duration_seconds_count{component="apiserver",dry_run="",group="",resource="pods",scope="cluster",subresource="",verb="LIST",version="v1"} 10
apiserver_request_duration_seconds_sum{component="apiserver",dry_run="",group="",resource="pods",scope="namespace",subresource="",verb="LIST",version="v1"} 0.5
apiserver_request_duration_seconds_count{component="apiserver",dry_run="",group="",resource="pods",scope="namespace",subresource="",verb="LIST",version="v1"} 2
apiserver_request_duration_seconds_count{component="apiserver",dry_run="",group="",resource="pods",scope="cluster",subresource="",verb="WATCH",version="v1"} 99
apiserver_request_duration_seconds_count{group="",resource="x\\"y,z=\\"",verb="LIST"} 1.5e+03 1700000000000
`;

const found = {
  cpuS: 123.45,
  inFlight: { mutating: 1, readOnly: 7 },
  levels: {
    'workload-low': { rejected: 43, queued: 12, waits: 40, waitedS: 600.5 },
    'global-default': { rejected: 0, queued: 0, waits: 0, waitedS: 0 },
  },
  lists: { pods: { count: 12, totalS: 7 }, [String.raw`x\"y,z=\"`]: { count: 1_500, totalS: 0 } },
};

describe('of the metrics of an API server', () => {
  it('CPU time, requests in flight, flow control by level and LISTs by resource are picked', () => {
    const parser = new ApiMetricsParser();
    parser.feed(real);
    expect(parser.end()).toEqual(found);
  });

  it.each([1, 7, 64, 1_000])('the same is found in pieces of %d characters', (size) => {
    const parser = new ApiMetricsParser();
    for (let from = 0; from < real.length; from += size) parser.feed(real.slice(from, from + size));
    expect(parser.end()).toEqual(found);
  });

  it('a last line without an end counts', () => {
    const parser = new ApiMetricsParser();
    parser.feed('process_cpu_seconds_total 7');
    expect(parser.end().cpuS).toBe(7);
  });

  it('CPU time that is not told is not zero', () => {
    const parser = new ApiMetricsParser();
    parser.feed('process_cpu_seconds_total NaN\nprocess_cpu_seconds_total_x 3\nup 1\n');
    expect(parser.end()).toEqual({ cpuS: null, inFlight: {}, levels: {}, lists: {} });
  });
});
