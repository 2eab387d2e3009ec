import { expect, test } from 'vitest';
import { apiMetrics, type CountedRequest } from './api-metrics.ts';

const list: CountedRequest = {
  verb: 'list',
  apiGroup: '',
  version: 'v1',
  resource: 'pods',
  subresource: '',
  namespace: '',
  name: '',
};
const flow = { flowSchema: 'service-accounts', priorityLevel: 'workload-low', headers: {} };
const ofFlow = 'priority_level="workload-low",flow_schema="service-accounts"';

/** The samples, without comments; labels in the order of the exposition. */
async function samples(metrics: ReturnType<typeof apiMetrics>): Promise<string[]> {
  const { body } = await metrics.exposition();
  return body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test('an answered request is counted by what it was, and timed in seconds', async () => {
  const metrics = apiMetrics(() => []);
  metrics.answered(list, { code: 200, durationMs: 640, responseBytes: 47_700_000 });
  const labels =
    'component="apiserver",group="",resource="pods",scope="cluster",subresource="",verb="LIST",version="v1"';
  const lines = await samples(metrics);
  expect(lines).toContain(`apiserver_request_total{${labels},code="200"} 1`);
  expect(lines).toContain(`apiserver_request_duration_seconds_sum{${labels}} 0.64`);
  expect(lines).toContain(`apiserver_response_sizes_sum{${labels}} 47700000`);
  expect(lines.join('\n')).not.toContain('apiserver_request_terminations_total');
});

test.each([
  [{ verb: 'create', namespace: 'a' }, 'scope="resource",subresource="",verb="POST"'],
  [
    { verb: 'update', namespace: 'a', name: 'x', subresource: 'status' },
    'scope="resource",subresource="status",verb="PUT"',
  ],
  [{ verb: 'deletecollection', namespace: 'a' }, 'scope="namespace",subresource="",verb="DELETECOLLECTION"'],
  [{ verb: 'get', resource: '' }, 'scope="",subresource="",verb="GET"'],
])('%o is labelled %s', async (changes, expected) => {
  const metrics = apiMetrics(() => []);
  metrics.answered({ ...list, ...changes }, { code: 200, durationMs: 1, responseBytes: 1 });
  expect((await samples(metrics)).filter((line) => line.startsWith('apiserver_request_total'))[0]).toContain(expected);
});

test('a watch is counted while it lasts and when it ended, but not timed', async () => {
  const metrics = apiMetrics(() => []);
  const watch = { ...list, verb: 'watch' };
  metrics.longRunning(watch, 1);
  metrics.longRunning(watch, 1);
  metrics.longRunning(watch, -1);
  metrics.answered(watch, { code: 200, durationMs: 1_800_000, responseBytes: 1 });
  const text = (await samples(metrics)).join('\n');
  expect(text).toMatch(/apiserver_longrunning_requests\{.*verb="WATCH".*\} 1/);
  expect(text).toMatch(/apiserver_request_total\{.*verb="WATCH".*\} 1/);
  expect(text).not.toMatch(/apiserver_request_duration_seconds.*WATCH/);
});

test('a request that was refused or timed out is also a termination', async () => {
  const metrics = apiMetrics(() => []);
  metrics.answered(list, { code: 429, durationMs: 15_000, responseBytes: 200 });
  metrics.answered(list, { code: 504, durationMs: 60_000, responseBytes: 200 });
  const found = (await samples(metrics)).filter((line) => line.startsWith('apiserver_request_terminations_total'));
  expect(found.map((line) => /code="(\d+)"/.exec(line)?.[1])).toEqual(['429', '504']);
});

test('what is stored is asked for at every exposition, and what is gone is not told any more', async () => {
  let stored = [
    { group: '', resource: 'pods', count: 3 },
    { group: 'apps', resource: 'deployments', count: 2 },
  ];
  const metrics = apiMetrics(() => stored);
  const told = async () => (await samples(metrics)).filter((line) => /_storage_objects/.test(line));
  expect(await told()).toEqual([
    'apiserver_storage_objects{resource="pods"} 3',
    'apiserver_storage_objects{resource="deployments.apps"} 2',
  ]);
  stored = [{ group: '', resource: 'pods', count: 4 }];
  expect(await told()).toEqual(['apiserver_storage_objects{resource="pods"} 4']);
});

test('flow control is told by level and schema', async () => {
  const { flow: seen, ...metrics } = apiMetrics(() => []);
  seen.limit('workload-low', 245);
  seen.limit('exempt', Infinity);
  seen.inFlight('readOnly', 1);
  seen.queued(flow, 1);
  seen.dispatched(flow, 10, 250);
  seen.dispatched(flow, 1, 0);
  seen.finished(flow, 1, 640);
  seen.rejected(flow, 'time-out', 15_000);
  const { body } = await metrics.exposition();
  const lines = body.split('\n');
  for (const expected of [
    'apiserver_flowcontrol_nominal_limit_seats{priority_level="workload-low"} 245',
    'apiserver_flowcontrol_nominal_limit_seats{priority_level="exempt"} 0',
    'apiserver_current_inflight_requests{request_kind="readOnly"} 1',
    `apiserver_flowcontrol_current_inqueue_requests{${ofFlow}} 1`,
    `apiserver_flowcontrol_current_executing_requests{${ofFlow}} 1`,
    `apiserver_flowcontrol_current_executing_seats{${ofFlow}} 10`,
    `apiserver_flowcontrol_dispatched_requests_total{${ofFlow}} 2`,
    `apiserver_flowcontrol_rejected_requests_total{${ofFlow},reason="time-out"} 1`,
    `apiserver_flowcontrol_request_wait_duration_seconds_sum{${ofFlow},execute="true"} 0.25`,
    `apiserver_flowcontrol_request_wait_duration_seconds_sum{${ofFlow},execute="false"} 15`,
    `apiserver_flowcontrol_request_execution_seconds_sum{${ofFlow}} 0.64`,
  ]) {
    expect(lines).toContain(expected);
  }
});

test('the process is told of, as it is when asked', async () => {
  const metrics = apiMetrics(() => []);
  const value = async (name: string): Promise<number> =>
    Number((await samples(metrics)).find((line) => line.startsWith(`${name} `))?.split(' ')[1]);
  expect(await value('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
  const before = await value('process_cpu_seconds_total');
  expect(before).toBeGreaterThan(0);
  expect(await value('process_cpu_seconds_total')).toBeGreaterThanOrEqual(before);
  expect(await value('process_cpu_seconds_total')).toBeLessThan(before * 2 + 10);
});
