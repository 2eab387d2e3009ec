import type { RecordType } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { rcodes, replyWith, type Handler } from '../plugin.ts';
import { fakeClock, queryFor } from '../testing/fakes.ts';
import { kubernetesHandler, waitForSync } from './kubernetes.ts';
import { namesOf } from './names.ts';

function service(name: string, clusterIP: string, namespace = 'shop'): KubeObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { clusterIP } };
}

function slice(name: string, ...endpoints: readonly object[]): KubeObject {
  const labels = { 'kubernetes.io/service-name': name };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'shop', labels },
    endpoints,
  };
}

const ready = { addresses: ['10.1.0.1'], hostname: 'First' };
const unready = { addresses: ['10.1.0.2'], conditions: { ready: false } };
const services = [
  service('web', '10.96.0.20'),
  service('peers', 'None'),
  service('empty', 'None'),
  service('web', '10.96.0.21', 'other'),
  service('six', 'fd00::1'),
  service('outside', ''),
];
const slices = [
  slice('peers', ready, unready),
  slice('peers', { addresses: ['10.1.0.1', '10.1.0.3'] }),
  slice('empty', unready),
  slice('web', ready),
  slice('gone', ready),
];

function handler({ hasSynced = true, podsInsecure = false } = {}): Handler {
  const settings = {
    zones: ['cluster.local', 'in-addr.arpa'],
    podsInsecure,
    ttlS: 30,
    fallthroughZones: ['in-addr.arpa'],
    endpoint: undefined,
  };
  const store = { names: namesOf(['shop'], services, slices), hasSynced: () => hasSynced };
  return kubernetesHandler(settings, store, async () => await Promise.resolve(replyWith(rcodes.NOTIMP)));
}

async function ask(handle: Handler, name: string, type: RecordType = 'A'): Promise<string> {
  const { rcode, answers } = await handle(queryFor(name, type));
  return [rcode, ...answers.map((one) => (typeof one.data === 'string' ? one.data : one.type))].join(' ');
}

describe('the names of a cluster', () => {
  it.each([
    ['web.shop.svc', '0 10.96.0.20'],
    ['first.web.shop.svc', '0 10.1.0.1'],
    ['peers.shop.svc', '0 10.1.0.1 10.1.0.3'],
    ['10-1-0-3.peers.shop.svc', '0 10.1.0.3'],
    ['10-1-0-2.peers.shop.svc', '3'],
    ['empty.shop.svc', '3'],
    ['gone.shop.svc', '3'],
    ['six.shop.svc', '3'],
    ['outside.shop.svc', '3'],
    ['web.other.svc', '3'],
    ['shop.svc', '0'],
    ['svc', '0'],
  ])('%s: %s', async (name, seen) => {
    expect(await ask(handler(), `${name}.cluster.local`)).toBe(seen);
  });

  it('have no other records than addresses, but for the SOA record of the zone', async () => {
    expect(await ask(handler(), 'web.shop.svc.cluster.local', 'AAAA')).toBe('0');
    expect(await ask(handler(), 'web.shop.svc.cluster.local', 'SRV')).toBe('0');
    expect(await ask(handler(), 'none.shop.svc.cluster.local', 'SRV')).toBe('3');
    expect(await ask(handler(), 'cluster.local', 'SOA')).toBe('0 SOA');
  });

  it('of pods are there only where they are not checked', async () => {
    expect(await ask(handler(), '1-2-3-4.shop.pod.cluster.local')).toBe('3');
    const handle = handler({ podsInsecure: true });
    expect(await ask(handle, '1-2-3-4.shop.pod.cluster.local')).toBe('0 1.2.3.4');
    expect(await ask(handle, '1-2-3-4.none.pod.cluster.local')).toBe('3');
    expect(await ask(handle, '1-2-3-400.shop.pod.cluster.local')).toBe('3');
  });

  it('that are not known, and those of other zones, go on to the next plugin where they may', async () => {
    expect(await ask(handler(), '20.0.96.10.in-addr.arpa', 'PTR')).toBe(`${rcodes.NOTIMP}`);
    expect(await ask(handler(), 'www.example.org')).toBe(`${rcodes.NOTIMP}`);
  });
});

describe('an unsynced store', () => {
  it('answers what it has, lets fall through what may, and says SERVFAIL with SOA to the rest', async () => {
    const handle = handler({ hasSynced: false });
    expect(await ask(handle, 'web.shop.svc.cluster.local')).toBe('0 10.96.0.20');
    expect(await ask(handle, 'shop.svc.cluster.local')).toBe('0');
    expect(await ask(handle, '1.0.96.10.in-addr.arpa', 'PTR')).toBe(`${rcodes.NOTIMP}`);
    const unknown = await handle(queryFor('none.shop.svc.cluster.local'));
    expect(unknown).toMatchObject({ rcode: rcodes.SERVFAIL, authorities: [{ type: 'SOA', data: { minimum: 30 } }] });
  });
});

describe('the wait for the first sync', () => {
  it('ends with it, and after 5 s without', async () => {
    const clock = fakeClock();
    const lines: string[] = [];
    const log = (_: string, text: string): void => void lines.push(text);
    await waitForSync({ hasSynced: () => clock.monotonicMs() >= 900 }, { clock, log });
    expect(clock.monotonicMs()).toBe(900);
    expect(lines).toEqual([]);
    await waitForSync({ hasSynced: () => false }, { clock, log });
    expect(clock.monotonicMs()).toBe(5_900);
    expect(lines).toEqual(['plugin/kubernetes: starting server with unsynced Kubernetes API']);
  });
});
