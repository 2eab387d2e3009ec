import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import type { Clock } from '../../../core/clock.ts';
import { seededRandom } from '../../../core/random.ts';
import { startFakeApi, type FakeApi } from '../../client/fake-api.ts';
import { keyOf } from '../../client/object-store.ts';
import { openClient } from '../../client/open-client.ts';
import type { KubeObject } from '../../client/types.ts';
import type { Pod } from '../base/kinds.ts';
import { isReady } from '../base/objects.ts';
import { startControllers } from '../start.ts';

const leases = 'coordination.k8s.io/v1/leases';

/** A clock that runs so many times as fast: back-offs of seconds are over at once, and keep their proportions. */
function fastClock(factor: number): Clock {
  const startMs = Date.now();
  const originMs = performance.now();
  const monotonicMs = (): number => (performance.now() - originMs) * factor;
  return {
    monotonicMs,
    now: () => new Date(startMs + monotonicMs()),
    sleep: async (ms, signal) => await delay(ms / factor, undefined, signal ? { signal } : {}),
  };
}

export type TestCluster = Awaited<ReturnType<typeof startTestCluster>>;

/** The controllers over a fake API, with nodes whose kubelet starts every pod at once. */
export async function startTestCluster(nodes: readonly KubeObject[], factor = 20) {
  const api = await startFakeApi();
  const { store } = api;
  const client = openClient(api.client);
  for (const node of nodes) store.create('v1/nodes', node);
  const silent = new Set<string>();
  const clock = fastClock(factor);
  const stopKubelets = startKubelets(store, silent, clock);
  const problems: string[] = [];
  const onError = (what: string, problem: unknown): void => void problems.push(`${what}: ${String(problem)}`);
  const controllers = startControllers({ client, rootCa: 'CA', clock, random: seededRandom(7), onError });
  await controllers.started;
  return {
    api,
    problems,
    clock,
    /** Nodes that renew their lease no more and start and end nothing. */
    silent,
    pods: () => store.list('v1/pods') as Pod[],
    object: (collection: string, key: string) => store.list(collection).find((object) => keyOf(object) === key),
    /** Messages of the events about an object. */
    events: (name: string) =>
      store
        .list('v1/events')
        .filter(({ involvedObject }) => (involvedObject as { name: string }).name === name)
        .map(({ message }) => String(message)),
    stop: async (): Promise<void> => {
      stopKubelets();
      controllers.stop();
      client.close();
      await api.stop();
    },
  };
}

/** Starts what is bound, ends what is deleted, renews leases. */
function startKubelets(store: FakeApi['store'], silent: ReadonlySet<string>, clock: Clock): () => void {
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
  const metadata = { name, namespace: 'kube-node-lease' };
  const spec = { renewTime: clock.now().toISOString() };
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
  if (store.list(leases).some((one) => keyOf(one) === keyOf(lease))) store.update(leases, keyOf(lease), lease);
  else store.create(leases, lease);
}

/** Waits until that many pods are ready. */
export async function podsReady(cluster: TestCluster, count: number): Promise<void> {
  await eventually(() => expect(cluster.pods().filter(isReady)).toHaveLength(count));
}

/** Waits until nothing is thrown any more. */
export async function eventually(check: () => void): Promise<void> {
  await vi.waitFor(check, { timeout: 15_000, interval: 10 });
}
