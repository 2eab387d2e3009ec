import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { fakeClock, useFakeClock } from '../../node/testing/fake-clock.ts';
import { defaultFlowSchemas, defaultPriorityLevels } from './defaults.ts';
import { flowControl } from './flow-control.ts';
import { flowRequest, recorder, serviceAccount } from './testing/world.ts';
import type { FlowRequest, Ticket } from './types.ts';

afterEach(() => vi.useRealTimers());

const masters = { user: 'root', groups: ['system:masters', 'system:authenticated'] };
const agent = serviceAccount('telemetry', 'agent');

const stored = (objects: readonly KubeObject[]): KubeObject[] =>
  objects.map((object) => ({ ...object, metadata: { ...object.metadata, uid: `uid-${object.metadata.name}` } }));

function open(options: { reads?: number; writes?: number; enabled?: boolean } = {}) {
  useFakeClock();
  const seen = recorder();
  const objects = { flowSchemas: stored(defaultFlowSchemas), priorityLevels: stored(defaultPriorityLevels) };
  const control = flowControl({
    maxRequestsInflight: options.reads ?? 400,
    maxMutatingInflight: options.writes ?? 200,
    priorityAndFairness: options.enabled ?? true,
    source: () => objects,
    clock: fakeClock,
    observer: seen,
  });
  const admit = (changes: Partial<FlowRequest> = {}, signal = new AbortController().signal): Promise<Ticket> =>
    control(flowRequest(changes), signal);
  return { seen, objects, admit };
}

/** As many tickets as there are at once; ends at the first refusal or wait. */
async function takeAll(admit: () => Promise<Ticket>): Promise<Ticket[]> {
  const tickets: Ticket[] = [];
  for (;;) {
    const before = tickets.length;
    admit().then(
      (ticket) => tickets.push(ticket),
      () => {},
    );
    await nextTurn();
    if (tickets.length === before) return tickets;
  }
}

const uids = (schema: string, level: string): Record<string, string> => ({
  'X-Kubernetes-PF-FlowSchema-UID': `uid-${schema}`,
  'X-Kubernetes-PF-PriorityLevel-UID': `uid-${level}`,
});

function ourSchema(name: string, level: string, spec: object = {}): KubeObject {
  const rule = defaultFlowSchemas.find(({ metadata }) => metadata.name === 'catch-all')?.['spec'] as { rules: unknown };
  return {
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    kind: 'FlowSchema',
    metadata: { name, uid: `uid-${name}` },
    spec: { matchingPrecedence: 50, priorityLevelConfiguration: { name: level }, rules: rule.rules, ...spec },
  };
}

describe('with priority and fairness', () => {
  test('every ticket names the schema and the level by their UIDs', async () => {
    const { admit } = open();
    expect((await admit()).headers).toEqual(uids('global-default', 'global-default'));
    expect((await admit(masters)).headers).toEqual(uids('exempt', 'exempt'));
    expect((await admit(agent)).headers).toEqual(uids('service-accounts', 'workload-low'));
  });

  test('a level gives out its seats, then lets wait for 15 s and refuses with both headers', async () => {
    const { admit } = open();
    expect(await takeAll(() => admit())).toHaveLength(49);
    const refused = admit().catch((refusal: unknown) => refusal);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await refused).toMatchObject({
      code: 429,
      details: { retryAfterSeconds: 1 },
      headers: uids('global-default', 'global-default'),
    });
  });

  test('a flood in one level takes nothing from another, and the exempt level never waits', async () => {
    const { admit, seen } = open({ reads: 4, writes: 2 });
    await takeAll(() => admit(agent));
    await takeAll(() => admit());
    for (let index = 0; index < 1_000; index++) void admit({ ...agent, name: `${index}` }).catch(() => {});
    const exempt = Array.from({ length: 500 }, () => admit({ ...masters, verb: 'list', listBytes: 35_000_000 }));
    await Promise.all(exempt);
    await admit({ user: 'system:anonymous', groups: ['system:unauthenticated'], resource: '', path: '/livez' });
    expect((await admit({ ...serviceAccount('kube-system', 'coredns') })).headers).toEqual(
      uids('kube-system-service-accounts', 'workload-high'),
    );
    expect(seen.reasons).toContain('queue-full');
  });

  test('LISTs are counted by their width', async () => {
    const { admit } = open();
    expect(await takeAll(() => admit({ verb: 'list', listBytes: 35_000_000 }))).toHaveLength(6);
    expect(await takeAll(() => admit({ ...agent, verb: 'list', listBytes: 35_000_000 }))).toHaveLength(24);
  });

  test('the level catch-all refuses at once', async () => {
    const { admit } = open();
    const stranger = { groups: [] };
    expect(await takeAll(() => admit(stranger))).toHaveLength(13);
    await expect(admit(stranger)).rejects.toMatchObject({
      code: 429,
      rejectReason: 'concurrency-limit',
      headers: uids('catch-all', 'catch-all'),
    });
  });

  test('a ticket that is given back twice counts once', async () => {
    const { admit, seen } = open();
    const tickets = await takeAll(() => admit());
    tickets[0]?.release();
    tickets[0]?.release();
    await nextTurn();
    expect(seen.seatsInUse).toBe(49);
    expect(seen.inFlightNow.readOnly).toBe(49);
    for (const ticket of tickets) ticket.release();
    expect(seen.inFlightNow.readOnly).toBe(0);
  });

  test('a followed log is not counted, and has no headers', async () => {
    const { admit, seen } = open();
    expect((await admit({ subresource: 'log' })).headers).toEqual({});
    expect(seen.seatsInUse).toBe(0);
  });

  test('a watch holds a seat until it is given back', async () => {
    const { admit, seen } = open();
    const ticket = await admit({ verb: 'watch' });
    expect(seen.seatsInUse).toBe(1);
    ticket.release();
    expect(seen.seatsInUse).toBe(0);
  });

  test('a schema that was added counts from the next request on', async () => {
    const { admit, objects } = open();
    await admit();
    objects.flowSchemas = [...objects.flowSchemas, ourSchema('mine', 'workload-low')];
    expect((await admit()).headers).toEqual(uids('mine', 'workload-low'));
  });

  test('a schema whose level is not there is not used', async () => {
    const { admit, objects } = open();
    objects.flowSchemas = [...objects.flowSchemas, ourSchema('mine', 'missing')];
    expect((await admit()).headers).toEqual(uids('global-default', 'global-default'));
  });

  test.each([
    ['without a distinguisher everybody of a schema is one flow', {}, 'queue-full'],
    ['by user, others wait in queues of their own', { distinguisherMethod: { type: 'ByUser' } }, 'waits'],
  ])('beside a flood: %s', async (_name, spec, expected) => {
    const { admit, objects } = open();
    objects.flowSchemas = [ourSchema('shared', 'global-default', spec)];
    for (let index = 0; index < 49 + 300; index++) void admit({ user: 'agent' }).catch(() => {});
    await nextTurn();
    const other = admit({ user: 'admin' }).then(
      () => 'served',
      (refusal: { rejectReason: string }) => refusal.rejectReason,
    );
    expect(await Promise.race([other, nextTurn('waits')])).toBe(expected);
  });

  test('shares that were changed move seats at once, also for those who wait', async () => {
    const { admit, objects, seen } = open();
    await takeAll(() => admit());
    expect(seen).toMatchObject({ seatsInUse: 49, waiting: 1 });
    objects.priorityLevels = objects.priorityLevels.map((level) => {
      if (level.metadata.name !== 'global-default') return level;
      const limited = { nominalConcurrencyShares: 225, limitResponse: { type: 'Queue' } };
      return { ...level, spec: { type: 'Limited', limited } };
    });
    await admit();
    expect(seen.limits.get('global-default')).toBe(300);
    expect(seen).toMatchObject({ seatsInUse: 51, waiting: 0 });
  });

  test('the exempt and the catch-all level stand even when all objects are gone or spoilt', async () => {
    const { admit, objects } = open();
    objects.flowSchemas = [];
    objects.priorityLevels = objects.priorityLevels
      .filter(({ metadata }) => metadata.name === 'exempt')
      .map((level) => ({ ...level, spec: { type: 'Limited' } }));
    await Promise.all(Array.from({ length: 1_000 }, () => admit(masters)));
    expect(await takeAll(() => admit())).toHaveLength(600);
    await expect(admit()).rejects.toMatchObject({ rejectReason: 'concurrency-limit' });
  });
});

describe('without priority and fairness', () => {
  const off = { reads: 2, writes: 1, enabled: false };

  test('reads and writes have limits of their own, are refused at once, and there are no headers', async () => {
    const { admit, seen } = open(off);
    const reads = await takeAll(() => admit());
    expect(reads).toHaveLength(2);
    await expect(admit()).rejects.toMatchObject({ code: 429, details: { retryAfterSeconds: 1 }, headers: {} });
    expect((await admit({ verb: 'patch' })).headers).toEqual({});
    await expect(admit({ verb: 'delete' })).rejects.toMatchObject({ code: 429 });
    expect(seen.inFlightNow).toEqual({ readOnly: 2, mutating: 1 });
    reads[0]?.release();
    reads[0]?.release();
    expect(await takeAll(() => admit())).toHaveLength(1);
  });

  test('also an anonymous health check is refused', async () => {
    const { admit } = open(off);
    await takeAll(() => admit());
    const probe = { groups: ['system:unauthenticated'], resource: '', path: '/readyz' };
    await expect(admit(probe)).rejects.toMatchObject({ code: 429 });
  });

  test('watches, followed logs and system:masters are not', async () => {
    const { admit } = open(off);
    await takeAll(() => admit());
    const others = [{ verb: 'watch' }, { subresource: 'log' }, masters];
    expect(await Promise.all(others.map((other) => admit(other)))).toHaveLength(3);
  });

  test('a limit of 0 is none', async () => {
    const { admit } = open({ reads: 0, enabled: false });
    expect(await Promise.all(Array.from({ length: 1_000 }, () => admit()))).toHaveLength(1_000);
  });
});
