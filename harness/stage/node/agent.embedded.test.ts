import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isRunning } from './proc.ts';
import { TestNode } from './testing/test-node.ts';

let node: TestNode;

beforeEach(async () => {
  node = await TestNode.create();
});

afterEach(async () => {
  await node.stop();
});

/** Ends when its standard input closes, as every program here. */
const sleep = 'cat';

test('a node registers with its labels, addresses and versions, is Ready and renews its lease', async () => {
  await node.start();
  const isReady = { type: 'Ready', status: 'True', reason: 'KubeletReady' };
  await vi.waitFor(() => {
    const [found] = node.api.store.list('v1/nodes');
    expect(found).toMatchObject({
      metadata: { name: 'n1', labels: { 'kubernetes.io/hostname': 'n1', 'kubernetes.io/os': 'linux' } },
      spec: { podCIDR: `127.${node.cluster}.2.0/24` },
      status: {
        addresses: [
          { type: 'InternalIP', address: node.address },
          { type: 'Hostname', address: 'n1' },
        ],
        conditions: expect.arrayContaining([expect.objectContaining(isReady)]),
        nodeInfo: { kubeletVersion: 'v1.34.0', containerRuntimeVersion: expect.stringMatching(/^blackstart:/) },
      },
    });
    const [lease] = node.api.store.list('coordination.k8s.io/v1/leases');
    expect(lease).toMatchObject({
      metadata: { namespace: 'kube-node-lease', name: 'n1' },
      spec: { holderIdentity: 'n1', leaseDurationSeconds: 40 },
    });
  }, 15_000);
});

describe('a pod', () => {
  test('runs with its environment and files, on an address of its own, and is Running and ready', async () => {
    node.api.store.create('v1/configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'default', name: 'files' },
      data: { greeting: 'hello', main: 'x' },
    });
    await node.start();
    node.addPod(
      'web',
      'cat /files/greeting; echo " $WHO at $IP in $PWD with $FILE"; exec cat',
      {
        env: [
          { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          { name: 'WHO', value: 'I am $(NAME)' },
          { name: 'FILE', value: '/files/main' },
        ],
        volumeMounts: [{ name: 'files', mountPath: '/files' }],
      },
      { volumes: [{ name: 'files', configMap: { name: 'files' } }] },
    );
    const status = await node.status('web', { phase: 'Running' });
    expect(status).toMatchObject({ hostIP: node.address, podIP: `127.${node.cluster}.2.2` });
    expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
    const folder = join(node.folder, 'pods', node.pod('web')?.metadata.uid ?? '');
    const written = await node.log('web', /\n/);
    expect(written).toBe(
      `hello I am web at 127.${node.cluster}.2.2 in ${folder} with ${join(folder, 'volumes', 'files', 'main')}\n`,
    );
  });

  test('that waits for its config map says so, and starts when it is there', async () => {
    await node.start();
    node.addPod('web', sleep, {}, { volumes: [{ name: 'files', configMap: { name: 'late' } }] });
    expect(await node.events('FailedMount')).toContain('Pod could not be set up: configmap "late" not found');
    const waiting = { state: { waiting: { reason: 'ContainerCreating' } }, ready: false };
    await node.status('web', { phase: 'Pending', containerStatuses: [waiting] });
    node.api.store.create('v1/configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'default', name: 'late' },
    });
    await node.status('web', { phase: 'Running' });
  });

  test('that crashes is started again at once, then waits in CrashLoopBackOff', async () => {
    await node.start();
    node.addPod('bad', 'echo try; exit 3');
    const status = await node.status('bad', {
      phase: 'Running',
      containerStatuses: [{ state: { waiting: { reason: 'CrashLoopBackOff' } }, restartCount: 1 }],
    });
    expect(status.containerStatuses[0]?.lastState.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
    const attempts = await node.containers();
    expect(attempts.map(({ attempt, state }) => [attempt, state])).toEqual([
      [1, 'exited'],
      [0, 'exited'],
    ]);
    expect(await node.log('bad', /try/, '&previous=true')).toBe('try\n');
  });

  test('with an image that is not there says which there are', async () => {
    await node.start();
    node.addPod('web', sleep, { image: 'nginx:1' });
    const status = await node.status('web', {
      phase: 'Pending',
      containerStatuses: [{ state: { waiting: { reason: 'ErrImagePull' } } }],
    });
    expect(status.containerStatuses[0]?.state.waiting?.message).toMatch(/"nginx:1" is not on this stage.*node/);
  });

  test.each([
    ['initContainers', {}, { initContainers: [] }],
    ['envFrom', { envFrom: [] }, {}],
    ['restartPolicy but Always', {}, { restartPolicy: 'Never' }],
  ])('that asks for %s is not started, and says why', async (what, container: object, spec: object) => {
    await node.start();
    node.addPod('web', sleep, container, spec);
    const waiting = { reason: 'CreateContainerConfigError', message: `this stage has no ${what}` };
    const status = await node.status('web', { containerStatuses: [{ state: { waiting } }] });
    expect(status.phase).toBe('Pending');
  });

  test('gets a new image: its process is replaced', async () => {
    await node.start();
    node.addPod('web', sleep);
    const before = await node.running('web');
    const pod = node.pod('web');
    if (!pod) throw new Error('the pod is not there');
    const containers = [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }];
    node.api.store.update('v1/pods', 'default/web', { ...pod, spec: { ...pod.spec, containers } });
    const after = await node.running('web', before);
    expect(after.attempt).toBe(1);
    expect(isRunning(before.pid)).toBe(false);
    await node.status('web', { containerStatuses: [{ restartCount: 1, image: 'registry.k8s.io/pause:3.10' }] });
  });
});

describe('the end of a pod', () => {
  test('that was deleted: SIGTERM, its last words, then it is gone with its files', async () => {
    await node.start();
    const { metadata } = node.addPod('web', `trap 'echo bye; exit 0' TERM; echo up; while read -r _; do :; done`);
    await node.log('web', /up/);
    const { pid } = await node.running('web');
    node.api.store.delete('v1/pods', 'default/web', { gracePeriodSeconds: 30 });
    await node.gone('web');
    expect(isRunning(pid)).toBe(false);
    const last = node.api.store.changes.findLast(
      ({ event }) => event.type === 'MODIFIED' && event.object.metadata.name === 'web',
    );
    expect(last?.event.object['status']).toMatchObject({ containerStatuses: [{ state: { terminated: {} } }] });
    expect(existsSync(join(node.folder, 'pods', metadata.uid ?? ''))).toBe(false);
    expect(readdirSync(join(node.folder, 'logs'))).toEqual([]);
  });

  test('that does not listen: SIGKILL after its grace period, for all of its processes', async () => {
    await node.start();
    node.addPod('web', `trap '' TERM; sleep 1000 & echo "child $!"; wait`);
    const child = Number(/child (\d+)/.exec(await node.log('web', /child/))?.[1]);
    node.api.store.delete('v1/pods', 'default/web', { gracePeriodSeconds: 1 });
    await node.gone('web');
    expect(isRunning(child)).toBe(false);
  });

  test('that vanished while the API was away: it is stopped after the next list', async () => {
    await node.start();
    node.addPod('web', sleep);
    const { pid } = await node.running('web');
    await node.status('web', { phase: 'Running' });
    await node.api.stop();
    node.api.store.delete('v1/pods', 'default/web', { gracePeriodSeconds: 0 });
    node.api.store.forget();
    expect(isRunning(pid)).toBe(true);
    await node.api.start();
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), 15_000);
  });
});

test('while the API is away pods go on and are restarted; it hears of it afterwards', async () => {
  await node.start();
  node.addPod('web', sleep);
  const before = await node.running('web');
  await node.status('web', { phase: 'Running' });
  await node.api.stop();
  process.kill(before.pid, 'SIGKILL');
  const after = await node.running('web', before);
  await node.api.start();
  const { phase } = await node.status('web', {
    containerStatuses: [{ restartCount: 1, containerID: `blackstart://${after.id}` }],
  });
  expect(phase).toBe('Running');
});
