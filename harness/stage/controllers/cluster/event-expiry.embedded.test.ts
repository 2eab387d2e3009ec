import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestCluster, eventually, type TestCluster } from '../testing/cluster.ts';

let cluster: TestCluster;

beforeEach(async () => {
  cluster = await startTestCluster([], 1_000);
});
afterEach(async () => await cluster.stop());

function ago(minutes: number): string {
  return new Date(cluster.clock.now().getTime() - minutes * 60_000).toISOString();
}

test('an event goes an hour after it was last seen', async () => {
  const event = { apiVersion: 'v1', kind: 'Event', involvedObject: { name: 'a' } };
  const create = (name: string, lastTimestamp: string): unknown =>
    cluster.api.store.create('v1/events', { ...event, metadata: { name, namespace: 'x' }, lastTimestamp });
  create('old', ago(61));
  create('recent', ago(-600));
  await eventually(() => {
    expect(cluster.api.store.list('v1/events').map(({ metadata }) => metadata.name)).toEqual(['recent']);
  });
});
