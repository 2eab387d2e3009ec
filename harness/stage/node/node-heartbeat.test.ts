import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { StatusError } from '../client/status-error.ts';
import type { KubeObject, StageClient } from '../client/types.ts';
import { startHeartbeat } from './node-heartbeat.ts';
import { fakeClock, useFakeClock } from './testing/fake-clock.ts';

let objects: Map<string, KubeObject>;
let writes: string[];
let isDown: boolean;
let stopped: AbortController;

beforeEach(() => {
  useFakeClock();
  objects = new Map();
  writes = [];
  isDown = false;
  stopped = new AbortController();
});

afterEach(() => void vi.useRealTimers());

const pass = async (ms: number): Promise<unknown> => await vi.advanceTimersByTimeAsync(ms);

/** An API of nodes and leases. */
const client: Pick<StageClient, 'get' | 'create' | 'patch'> = {
  get: async (_, __, name) => {
    if (isDown) throw new StatusError('refused');
    return objects.get(`nodes ${name}`);
  },
  create: async ({ plural }, object) => {
    const key = `${plural} ${object.metadata.name}`;
    if (isDown) throw new StatusError('refused');
    if (objects.has(key)) throw new StatusError('exists', { code: 409 });
    writes.push(`${fakeClock.monotonicMs() / 1_000} create ${plural}`);
    objects.set(key, object);
    return object;
  },
  patch: async ({ plural }, { name }, patch, subresource = '') => {
    const before = objects.get(`${plural} ${name}`);
    if (isDown) throw new StatusError('refused');
    if (!before) throw new StatusError('not found', { code: 404 });
    writes.push(`${fakeClock.monotonicMs() / 1_000} patch ${plural} ${subresource}`.trimEnd());
    const after = { ...before, ...(patch as object) };
    objects.set(`${plural} ${name}`, after);
    return after;
  },
};

async function start(): Promise<void> {
  const started = startHeartbeat({
    name: 'n1',
    address: '127.9.0.1',
    role: 'control-plane',
    client: client as StageClient,
    clock: fakeClock,
    signal: stopped.signal,
    onProblem: () => undefined,
  });
  started.catch(() => undefined);
  await pass(0);
}

const of = (what: string): string[] => writes.filter((write) => write.endsWith(what));

function conditions(): { type: string; status: string; lastTransitionTime: string }[] {
  const { status } = objects.get('nodes n1') as unknown as {
    status: { conditions: { type: string; status: string; lastTransitionTime: string }[] };
  };
  return status.conditions;
}

test('a control plane registers with its taint; the lease is renewed every 10 s, the status is left as it is', async () => {
  await start();
  expect(objects.get('nodes n1')?.['spec']).toMatchObject({
    taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }],
  });
  expect(writes).toEqual(['0 create nodes', '0 patch nodes status', '0 create leases']);
  await pass(30_000);
  expect(of('patch leases')).toEqual(['10 patch leases', '20 patch leases', '30 patch leases']);
  expect(objects.get('leases n1')?.['spec']).toMatchObject({ renewTime: '2026-01-01T00:00:30.000000Z' });
  await pass(600_000);
  expect(of('patch nodes status')).toHaveLength(1);
});

test('it joins as soon as the API answers', async () => {
  isDown = true;
  await start();
  await pass(30_050);
  isDown = false;
  await pass(100);
  expect(of('create nodes')).toHaveLength(1);
});

test('a node that is known already is taken over', async () => {
  objects.set('nodes n1', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } });
  await start();
  expect(objects.get('nodes n1')?.metadata.labels).toMatchObject({ 'node-role.kubernetes.io/control-plane': '' });
  expect(conditions().find(({ type }) => type === 'Ready')?.status).toBe('True');
});

describe('after an outage', () => {
  test('the lease is renewed within 7 s', async () => {
    await start();
    isDown = true;
    await pass(100_000);
    const before = of('patch leases').length;
    isDown = false;
    await pass(7_000);
    expect(of('patch leases').length).toBeGreaterThan(before);
  });

  test('a node that was marked NotReady says that it is Ready, within 10 s, with a new time', async () => {
    await start();
    const lost = conditions().map((one) => ({ ...one, status: 'Unknown', lastTransitionTime: 'then' }));
    await client.patch({ group: '', version: 'v1', plural: 'nodes' }, { name: 'n1' }, { status: { conditions: lost } });
    await pass(10_000);
    expect(conditions().find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'True',
      lastTransitionTime: '2026-01-01T00:00:10Z',
    });
  });
});

test('when it is stopped it writes no more', async () => {
  await start();
  stopped.abort();
  await pass(60_000);
  expect(writes).toHaveLength(3);
});
