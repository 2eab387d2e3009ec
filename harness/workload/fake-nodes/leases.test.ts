import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Leases } from './leases.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  end.abort();
  vi.useRealTimers();
});

let end = new AbortController();

interface Call {
  readonly method: string;
  readonly path: string;
  readonly atMs: number;
}

/** An API that knows no lease until one is created, and that hangs when it is told to. */
class FakeApi {
  readonly calls: Call[] = [];
  hangs: Promise<void> | undefined;
  readonly #known = new Set<string>();

  readonly call = async (method: string, path: string, body: object | undefined): Promise<never> => {
    this.calls.push({ method, path, atMs: performance.now() });
    await this.hangs;
    const { metadata } = (body ?? {}) as { metadata?: { name: string } };
    if (metadata) this.#known.add(metadata.name);
    const isUnknown = path.includes('/leases/') && !this.#known.has(path.split('/').at(-1) ?? '');
    return { status: method === 'POST' ? 201 : isUnknown ? 404 : 200, text: '' } as never;
  };

  of(node: string): Call[] {
    return this.calls.filter(({ path }) => path.endsWith(`/${node}`));
  }
}

async function leasesOf(api: FakeApi, nodes: readonly string[]): Promise<Leases> {
  end = new AbortController();
  const wanted = { nodes: nodes.length, podsPerNode: 1 };
  const leases = new Leases(api, wanted, { signal: end.signal, onProblem: () => undefined });
  for (const node of nodes) await leases.keep(node, `uid of ${node}`);
  return leases;
}

const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';

it('creates a lease that is not there, and writes one that is', async () => {
  const api = new FakeApi();
  const kept = await leasesOf(api, ['a']);
  expect(api.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([`PATCH ${leases}/a`, `POST ${leases}`]);
  await kept.keep('a', 'uid of a');
  expect(api.calls).toHaveLength(2);
  await kept.keep('a', 'another uid');
  expect(api.calls).toHaveLength(3);
});

it('renews every lease each 15 s, spread evenly although all began at once', async () => {
  const api = new FakeApi();
  const nodes = ['a', 'b', 'c', 'd', 'e'];
  await leasesOf(api, nodes);
  const startMs = performance.now();
  api.calls.length = 0;
  await vi.advanceTimersByTimeAsync(45_050);
  for (const node of nodes) expect(api.of(node)).toHaveLength(3);
  const times = api.calls.map(({ atMs }) => atMs - startMs);
  const gaps = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2_900);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(3_100);
});

it('does not renew twice at a time, and says Ready again after a long gap only', async () => {
  const api = new FakeApi();
  await leasesOf(api, ['a']);
  expect(api.of('a')).toHaveLength(1);
  const hanging = Promise.withResolvers<void>();
  api.hangs = hanging.promise;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(api.of('a')).toHaveLength(2);
  api.hangs = undefined;
  hanging.resolve();
  await vi.advanceTimersByTimeAsync(100);
  expect(api.calls.at(-1)).toMatchObject({ method: 'PATCH', path: '/api/v1/nodes/a/status' });
  await vi.advanceTimersByTimeAsync(30_000);
  expect(api.calls.filter(({ path }) => path.endsWith('/status'))).toHaveLength(1);
  expect(api.of('a').length).toBeGreaterThanOrEqual(4);
});

it('renews nothing any more when the signal ended it', async () => {
  const api = new FakeApi();
  await leasesOf(api, ['a']);
  api.calls.length = 0;
  end.abort();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(api.calls).toEqual([]);
});
