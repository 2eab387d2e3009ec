import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import type { Clock } from '../../../core/clock.ts';
import { seededRandom } from '../../../core/random.ts';
import { startFakeApi, type FakeApi } from '../../client/fake-api.ts';
import { keyOf } from '../../client/object-store.ts';
import { openClient } from '../../client/open-client.ts';
import type { KubeObject, StageClient } from '../../client/types.ts';
import type { Pod } from '../base/kinds.ts';
import { isReady } from '../base/pod-state.ts';
import { startControllers, type Controllers } from '../start.ts';

/** A clock that runs so many times as fast: back-offs of seconds are over at once, and keep their proportions. */
function fastClock(factor: number): Clock {
  const startMs = Date.now();
  const monotonicMs = (): number => performance.now() * factor;
  const originMs = monotonicMs();
  return {
    monotonicMs,
    now: () => new Date(startMs + monotonicMs() - originMs),
    sleep: async (ms, signal) => await delay(ms / factor, undefined, signal ? { signal } : {}),
  };
}

/** The controllers over a fake API, with nodes whose kubelet starts every pod at once. */
export interface TestCluster {
  readonly api: FakeApi;
  readonly client: StageClient;
  readonly problems: string[];
  readonly controllers: Controllers;
  readonly clock: Clock;
  /** Nodes that renew their lease no more and start and end nothing. */
  readonly silent: Set<string>;
  pods(): Pod[];
  object(collection: string, key: string): KubeObject | undefined;
  /** Messages of the events about an object. */
  events(name: string): string[];
  stop(): Promise<void>;
}

export async function startTestCluster(nodes: readonly KubeObject[], factor = 20): Promise<TestCluster> {
  const api = await startFakeApi();
  const client = openClient(api.client);
  for (const node of nodes) api.store.create('v1/nodes', node);
  const silent = new Set<string>();
  const clock = fastClock(factor);
  const unlisten = startKubelets(api, silent, clock);
  const problems: string[] = [];
  const controllers = startControllers({
    client,
    rootCa: 'CA',
    clock,
    random: seededRandom(7),
    onError: (what, problem) => problems.push(`${what}: ${String(problem)}`),
  });
  await controllers.started;
  return {
    api,
    client,
    problems,
    controllers,
    clock,
    silent,
    pods: () => api.store.list('v1/pods') as Pod[],
    object: (collection, key) => api.store.list(collection).find((object) => keyOf(object) === key),
    events: (name) =>
      api.store
        .list('v1/events')
        .filter((event) => (event['involvedObject'] as { name: string }).name === name)
        .map((event) => String(event['message'])),
    stop: async () => {
      unlisten();
      controllers.stop();
      client.close();
      await api.stop();
    },
  };
}

/** Starts what is bound, ends what is deleted, renews leases. */
function startKubelets({ store }: FakeApi, silent: ReadonlySet<string>, clock: Clock): () => void {
  let nextIp = 1;
  const sync = (pod: Pod): void => {
    const { nodeName } = pod.spec;
    if (nodeName === undefined || silent.has(nodeName) || !store.list('v1/pods').includes(pod)) return;
    if (pod.metadata.deletionTimestamp !== undefined) store.delete('v1/pods', keyOf(pod), { gracePeriodSeconds: 0 });
    else if (pod.status?.phase !== 'Running') {
      const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: clock.now().toISOString() }];
      const status = { phase: 'Running', podIP: `127.9.1.${nextIp++}`, conditions };
      store.update('v1/pods', keyOf(pod), { ...pod, status }, 'status');
    }
  };
  const unlisten = store.listen(({ collection, event }) => {
    if (collection === 'v1/pods') setImmediate(() => sync(event.object as Pod));
  });
  const renewing = setInterval(() => {
    for (const { metadata } of store.list('v1/nodes')) {
      if (!silent.has(metadata.name)) renew(store, metadata.name, clock);
    }
  }, 50);
  return () => {
    unlisten();
    clearInterval(renewing);
  };
}

function renew(store: FakeApi['store'], name: string, clock: Clock): void {
  const key = `kube-node-lease/${name}`;
  const spec = { renewTime: clock.now().toISOString() };
  const lease = store.list('coordination.k8s.io/v1/leases').find((one) => keyOf(one) === key);
  const metadata = { name, namespace: 'kube-node-lease' };
  if (lease) store.update('coordination.k8s.io/v1/leases', key, { ...lease, spec });
  else
    store.create('coordination.k8s.io/v1/leases', {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata,
      spec,
    });
}

/** Waits until that many pods are ready. */
export async function podsReady(cluster: TestCluster, count: number): Promise<void> {
  await eventually(() => expect(cluster.pods().filter(isReady)).toHaveLength(count));
}

/** Waits until nothing is thrown any more. */
export async function eventually(check: () => void): Promise<void> {
  await vi.waitFor(check, { timeout: 15_000, interval: 10 });
}
