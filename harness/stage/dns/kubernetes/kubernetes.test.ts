import type { RecordType } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { authoritative, bare, rcodes, type Handler, type Query, type Reply } from '../plugin.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { queryFor } from '../testing/queries.ts';
import { indexObjects } from './cluster-index.ts';
import { kubernetesHandler, waitForSync } from './kubernetes.ts';
import type { KubernetesSettings } from './settings.ts';
import { reverseAddress } from './targets.ts';

const settings: KubernetesSettings = {
  zones: ['cluster.local', 'in-addr.arpa'],
  primaryZone: 'cluster.local',
  podsInsecure: false,
  ttlS: 30,
  fallthroughZones: ['in-addr.arpa'],
  startupTimeoutMs: 5_000,
  api: undefined,
};

function service(name: string, spec: object): KubeObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'shop' }, spec };
}

function external(name: string, externalName: string): KubeObject {
  return service(name, { type: 'ExternalName', externalName });
}

async function lookUp({ type }: Query, name: string): Promise<Reply> {
  const data = type === 'A' ? '192.0.2.1' : '::1';
  return await Promise.resolve(authoritative('', { answers: [{ type: 'A', class: 'IN', ttl: 1, name, data }] }));
}

function handler(services: KubeObject[], { hasSynced = true, podsInsecure = false } = {}): Handler {
  const store = {
    index: indexObjects(services, []),
    hasSynced: () => hasSynced,
    namespaceExists: (name: string) => name === 'shop',
    modifiedS: 7,
    stop: () => undefined,
  };
  const context = { settings: { ...settings, podsInsecure }, store, lookUp };
  return kubernetesHandler(context, async () => await Promise.resolve(bare(rcodes.NOTIMP)));
}

async function ask(handle: Handler, name: string, type: RecordType = 'A'): Promise<string> {
  const { rcode, answers } = await handle(queryFor(name, type));
  return [rcode, ...answers.map((one) => (typeof one.data === 'string' ? one.data : one.type))].join(' ');
}

describe('an unsynced store', () => {
  it('answers what it has, lets fall through what may, and says SERVFAIL with SOA to the rest', async () => {
    const handle = handler([service('web', { clusterIP: '10.96.0.20' })], { hasSynced: false });
    expect(await ask(handle, 'web.shop.svc.cluster.local')).toBe('0 10.96.0.20');
    expect(await ask(handle, 'shop.svc.cluster.local')).toBe('0');
    expect(await ask(handle, '1.0.96.10.in-addr.arpa', 'PTR')).toBe(`${rcodes.NOTIMP}`);
    const unknown = await handle(queryFor('other.shop.svc.cluster.local'));
    expect(unknown).toMatchObject({
      rcode: rcodes.SERVFAIL,
      authorities: [{ type: 'SOA', data: { serial: 7, minimum: 30 } }],
    });
  });
});

describe('services', () => {
  it('without ports have an address and no SRV record', async () => {
    const handle = handler([service('web', { clusterIP: '10.96.0.20' })]);
    expect(await ask(handle, 'web.shop.svc.cluster.local', 'SRV')).toBe('0');
  });

  it('of two families answer each with its own', async () => {
    const handle = handler([service('web', { clusterIP: '10.96.0.20', clusterIPs: ['10.96.0.20', 'fd00::20'] })]);
    expect(await ask(handle, 'web.shop.svc.cluster.local')).toBe('0 10.96.0.20');
    expect(await ask(handle, 'web.shop.svc.cluster.local', 'AAAA')).toBe('0 fd00::20');
  });

  it('that stand for themselves or each other have no addresses, and never end in a loop', async () => {
    const handle = handler([
      external('self', 'self.shop.svc.cluster.local'),
      external('ping', 'pong.shop.svc.cluster.local'),
      external('pong', 'ping.shop.svc.cluster.local'),
      external('ip', '192.0.2.7'),
      external('bad', `${'x'.repeat(64)}.example.org`),
    ]);
    for (const name of ['self', 'ping', 'bad']) expect(await ask(handle, `${name}.shop.svc.cluster.local`)).toBe('0');
    expect(await ask(handle, 'ip.shop.svc.cluster.local')).toBe('3');
  });

  it('with the name of something outside come with what is known of that', async () => {
    const handle = handler([service('out', { type: 'ExternalName', externalName: 'www.example.org.' })]);
    expect(await ask(handle, 'out.shop.svc.cluster.local')).toBe('0 www.example.org 192.0.2.1');
    expect(await ask(handle, 'out.shop.svc.cluster.local', 'AAAA')).toBe('0 www.example.org ::1');
    expect(await ask(handle, 'a.out.shop.svc.cluster.local')).toBe('3');
  });
});

describe('pods', () => {
  it('have names only where they are not checked', async () => {
    expect(await ask(handler([]), '1-2-3-4.shop.pod.cluster.local')).toBe('3');
    const handle = handler([], { podsInsecure: true });
    expect(await ask(handle, '1-2-3-4.shop.pod.cluster.local')).toBe('0 1.2.3.4');
    expect(await ask(handle, 'fd00--1.shop.pod.cluster.local', 'AAAA')).toBe('0 fd00::1');
    expect(await ask(handle, '1-2-3-400.shop.pod.cluster.local')).toBe('3');
  });
});

it.each([
  ['4.3.2.1.in-addr.arpa', '1.2.3.4'],
  ['3.2.1.in-addr.arpa', undefined],
  ['400.3.2.1.in-addr.arpa', undefined],
  ['4.3.2.1.example.org', undefined],
])('%s is the name of %s', (name, ip) => {
  expect(reverseAddress(name)).toBe(ip);
});

describe('the wait for the first sync', () => {
  it('ends with it, and after 5 s without', async () => {
    const clock = fakeClock();
    const lines: string[] = [];
    const log = (_: string, text: string): void => void lines.push(text);
    await waitForSync({ hasSynced: () => clock.monotonicMs() >= 900 }, 5_000, { clock, log });
    expect(clock.monotonicMs()).toBe(900);
    expect(lines).toEqual(['plugin/kubernetes: waiting for Kubernetes API before starting server']);
    await waitForSync({ hasSynced: () => false }, 5_000, { clock, log });
    expect(clock.monotonicMs()).toBe(5_900);
    expect(lines.at(-1)).toBe('plugin/kubernetes: starting server with unsynced Kubernetes API');
  });
});
