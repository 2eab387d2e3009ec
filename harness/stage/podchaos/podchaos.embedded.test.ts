import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock, type Clock } from '../../core/clock.ts';
import { seededRandom } from '../../core/random.ts';
import { startFakeApi, type FakeApi } from '../client/fake-api.ts';
import { openClient } from '../client/open-client.ts';
import type { KubeObject, StageClient } from '../client/types.ts';
import { startPodChaos } from './controller.ts';
import type { PodChaos } from './pod-chaos.ts';

const collection = 'chaos-mesh.org/v1alpha1/podchaos';
let api: FakeApi;
let dataDir: string;
let cleanup: (() => unknown)[] = [];
beforeEach(async () => {
  api = await startFakeApi();
  dataDir = mkdtempSync(join(tmpdir(), 'blackstart-podchaos-'));
  cleanup = [() => rmSync(dataDir, { recursive: true }), async () => await api.stop()];
});
afterEach(async () => {
  for (const clean of cleanup.toReversed()) await clean();
});

describe('pod-kill', () => {
  it('deletes the pod at once, says so, and stays in Run/AllInjected until it is deleted', async () => {
    addPod('a');
    start();
    addChaos({ action: 'pod-kill', mode: 'all' });
    await vi.waitFor(() => expect(record()).toMatchObject({ id: 'x/a', phase: 'Injected', injectedCount: 1 }));
    expect(api.store.list('v1/pods')).toEqual([]);
    expect(chaos()?.metadata.finalizers).toEqual(['chaos-mesh/records']);
    expect(chaos()?.status?.experiment.desiredPhase).toBe('Run');
    expect(events()).toEqual(['FinalizerInited', 'Applied']);
    api.store.delete(collection, 'x/chaos', {});
    await vi.waitFor(() => expect(chaos()).toBeUndefined());
  });

  it('takes only as many as its mode says, of those on the chosen nodes', async () => {
    for (const name of ['a', 'b', 'c', 'd']) addPod(name, { nodeName: name === 'd' ? 'other' : 'node' });
    start();
    const selector = { labelSelectors: { app: 'web' }, nodes: ['node'] };
    addChaos({ action: 'pod-kill', mode: 'fixed', value: '2', selector });
    await vi.waitFor(() => expect(record()).toBeDefined());
    expect(chaos()?.status?.experiment.containerRecords).toHaveLength(2);
    const left = api.store.list('v1/pods').map(({ metadata }) => metadata.name);
    expect(left).toHaveLength(2);
    expect(left).toContain('d');
  });

  it('tells when nothing is selected, and does not try again', async () => {
    start();
    addChaos({ action: 'pod-kill', mode: 'one' });
    await vi.waitFor(() => expect(chaos()?.status).toBeDefined());
    expect(chaos()?.status?.conditions.map(({ status }) => status)).toEqual(['False', 'False', 'False', 'False']);
    expect(record()).toBeUndefined();
    addPod('late');
    // Another PodChaos, made later, is through: the first was not looked at again.
    addChaos({ action: 'pod-kill', mode: 'one' }, 'second');
    await vi.waitFor(() => expect(record('second')).toMatchObject({ phase: 'Injected' }));
    expect(events('chaos')).toEqual(['FinalizerInited', 'Failed']);
  });
});

describe('container-kill', () => {
  it('stops the container that the pod names, by way of its node', async () => {
    const node = await addNode('node', () => 200);
    addPod('a');
    start();
    addChaos({ action: 'container-kill', mode: 'all', containerNames: ['main'] });
    await vi.waitFor(() => expect(record()).toMatchObject({ id: 'x/a/main', phase: 'Injected' }));
    expect(node.calls).toEqual(['POST /containers/a-0/stop']);
  });

  it('says that there is no running task when the container is gone, and tries again until it finds the new one', async () => {
    const node = await addNode('node', (call) => (call.includes('a-1') ? 200 : 404));
    addPod('a');
    start();
    addChaos({ action: 'container-kill', mode: 'all', containerNames: ['main'] });
    await vi.waitFor(() =>
      expect(record()?.events.at(-1)?.message).toMatch(/no running task found: task a-0 not found/),
    );
    expect(record()).toMatchObject({ phase: 'Not Injected', injectedCount: 0 });
    setContainer('a', 'a-1');
    await vi.waitFor(() => expect(record()).toMatchObject({ phase: 'Injected', injectedCount: 1 }), 3_000);
    expect(node.calls.at(-1)).toBe('POST /containers/a-1/stop');
  });

  it('says which node cannot be reached', async () => {
    addPod('a', { nodeName: 'gone' });
    start();
    addChaos({ action: 'container-kill', mode: 'all', containerNames: ['main'] });
    await vi.waitFor(() => expect(record()?.events.at(-1)?.message).toBe('cannot find daemonIP on node gone'));
  });

  it('kills the API server again after every come-back, until it is deleted', async () => {
    const node = await addNode('node', () => {
      void api.stop();
      return 200;
    });
    addPod('a');
    start();
    addChaos({ action: 'container-kill', mode: 'all', containerNames: ['main'] });
    await vi.waitFor(() => expect(node.calls).toHaveLength(1));
    await api.start();
    await vi.waitFor(() => expect(node.calls).toHaveLength(2), 5_000);
    expect(record()).toBeUndefined();
    api.store.delete(collection, 'x/chaos', {});
    await api.start();
    await vi.waitFor(() => expect(chaos()).toBeUndefined(), 5_000);
    expect(node.calls).toHaveLength(2);
  });
});

describe('pod-failure', () => {
  it('puts the pause image in, and the old one back when its time is up', async () => {
    addPod('a');
    const time = start();
    addChaos({ action: 'pod-failure', mode: 'all', duration: '20s' });
    await vi.waitFor(() => expect(record()).toMatchObject({ phase: 'Injected' }));
    expect(image()).toContain('pause');
    await vi.waitFor(() => {
      // The controller may not wait yet.
      time.advance(20_000);
      expect(record()).toMatchObject({ phase: 'Not Injected', injectedCount: 1, recoveredCount: 1 });
    });
    expect(image()).toBe('node:24');
    expect(chaos()?.status?.experiment.desiredPhase).toBe('Stop');
    expect(events()).toEqual(['FinalizerInited', 'Applied', 'TimeUp', 'Recovered']);
  });

  it('puts the old image back when it is deleted before', async () => {
    addPod('a');
    start();
    addChaos({ action: 'pod-failure', mode: 'all' });
    await vi.waitFor(() => expect(record()).toMatchObject({ phase: 'Injected' }));
    api.store.delete(collection, 'x/chaos', {});
    await vi.waitFor(() => expect(chaos()).toBeUndefined());
    expect(image()).toBe('node:24');
  });
});

/** Starts the controller. Its waits of more than a second pass at once; `advance` moves the calendar. */
function start(): { advance: (ms: number) => void } {
  let aheadMs = 0;
  const advanced = new EventTarget();
  const clock: Clock = {
    ...systemClock,
    now: () => new Date(Date.now() + aheadMs),
    sleep: async (ms, signal) => {
      if (ms > 5_000) await once(advanced, 'advance', signal ? { signal } : {});
      else await systemClock.sleep(ms > 1_000 ? 0 : ms, signal);
    },
  };
  const opened = openClient(api.client);
  const client: StageClient = {
    ...opened,
    // The fake API believes that every resource has a subresource `status`; a PodChaos has none.
    patch: async (resource, ref, patch) =>
      await opened.patch(resource, ref, patch, Object.hasOwn(patch as object, 'status') ? 'status' : undefined),
  };
  const controller = startPodChaos({ client, dataDir, clock, random: seededRandom(1), onProblem: () => undefined });
  cleanup.push(() => {
    controller.stop();
    client.close();
  });
  return {
    advance: (ms) => {
      aheadMs += ms;
      advanced.dispatchEvent(new Event('advance'));
    },
  };
}

function addPod(name: string, spec: Record<string, unknown> = {}): void {
  api.store.create('v1/pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'x', labels: { app: 'web' } },
    spec: { containers: [{ name: 'main', image: 'node:24' }], nodeName: 'node', ...spec },
  });
  setContainer(name, `${name}-0`);
}

function setContainer(pod: string, id: string): void {
  const object = api.store.get('v1/pods', `x/${pod}`);
  const status = { containerStatuses: [{ name: 'main', containerID: `stage://${id}` }] };
  api.store.update('v1/pods', `x/${pod}`, { ...object, status }, 'status');
}

function addChaos(spec: Record<string, unknown>, name = 'chaos'): void {
  api.store.create(collection, {
    apiVersion: 'chaos-mesh.org/v1alpha1',
    kind: 'PodChaos',
    metadata: { name, namespace: 'x' },
    spec: { selector: { namespaces: ['x'], labelSelectors: { app: 'web' } }, ...spec },
  });
}

function chaos(name = 'chaos'): PodChaos | undefined {
  return api.store.list(collection).find(({ metadata }) => metadata.name === name) as PodChaos | undefined;
}

function record(name = 'chaos') {
  return chaos(name)?.status?.experiment.containerRecords?.[0];
}

function events(name = 'chaos'): unknown[] {
  const about = (event: KubeObject): boolean => (event['involvedObject'] as { name: string }).name === name;
  return api.store
    .list('v1/events')
    .filter(about)
    .map((event) => event['reason']);
}

function image(): string | undefined {
  return (api.store.get('v1/pods', 'x/a')['spec'] as { containers: { image: string }[] }).containers[0]?.image;
}

/** The control socket of a node; `answer` gives the HTTP status. */
async function addNode(name: string, answer: (call: string) => number): Promise<{ calls: string[] }> {
  const calls: string[] = [];
  const server: Server = createServer((incoming, outgoing) => {
    const call = `${incoming.method} ${incoming.url}`;
    calls.push(call);
    outgoing.writeHead(answer(call)).end('{}');
  });
  const path = join(dataDir, 'nodes', name, 'control.sock');
  mkdirSync(dirname(path), { recursive: true });
  server.listen(path);
  await once(server, 'listening');
  cleanup.push(() => server.close());
  return { calls };
}
