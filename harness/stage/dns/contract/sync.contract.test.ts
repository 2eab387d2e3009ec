import { describe, it } from 'vitest';
import type { FakeApi } from '../../client/fake-api.ts';
import { clusterCorefile, service, startClusterApi } from './cluster-objects.ts';
import { ask, until, untilAnswered, type Seen } from './dns-client.ts';
import { address, startUpstream } from './fake-upstream.ts';
import { dnsServers } from '../../../test/contract/dns-servers.ts';
import type { DnsServer, Implementation } from './server-under-test.ts';

const web = 'web.shop.svc.cluster.local';
const fresh = 'fresh.shop.svc.cluster.local';
/** The back-off of the reflectors after an outage of a few seconds, doubled by jitter, and time to spare. */
const resyncMs = 40_000;

/** What the server knows of the cluster, and when. */
describe.concurrent.each(dnsServers())('$name: the API server', { timeout: 60_000 }, (implementation) => {
  it.concurrent('is waited for at the start, then SERVFAIL is said until it is there', async (test) => {
    const { api, server } = await start(implementation, test.onTestFinished, { withApi: false });
    const { expect } = test;
    const startMs = performance.now();
    const http = `http://${server.address.host}`;
    await until(
      '/ready',
      async () => await status(`${http}:8181/ready`),
      (one) => one === '503 kubernetes',
    );
    expect(await status(`${http}:8080/health`)).toBe('200 OK');
    expect((await ask(server.address, web, 'A', { transport: 'tcp', timeoutMs: 200 })).rcode).toBe('no reply');
    const first = await untilAnswered(server.address, web);
    expect(performance.now() - startMs).toBeGreaterThan(4_000);
    expect(first).toMatchObject({ rcode: 'SERVFAIL', hasSoa: true, ttlS: 5 });
    expect((await ask(server.address, '1-2-3-4.shop.pod.cluster.local')).rcode).toBe('SERVFAIL');
    expect((await ask(server.address, 'cluster.local')).rcode).toBe('NOERROR');
    expect((await ask(server.address, '1.0.96.10.in-addr.arpa')).data).toEqual(['192.0.2.1']);
    await api.start();
    await untilRcode(server, web, 'NOERROR');
    await until(
      '/ready',
      async () => await status(`${http}:8181/ready`),
      (one) => one === '200 OK',
      resyncMs,
    );
    expect((await ask(server.address, 'none.shop.svc.cluster.local')).rcode).toBe('NXDOMAIN');
  });

  it.concurrent('may be away: what is known is answered, and what changed is learned afterwards', async (test) => {
    const { api, server } = await start(implementation, test.onTestFinished, { withApi: true });
    const { expect } = test;
    await untilRcode(server, web, 'NOERROR');
    await api.stop();
    api.store.create('v1/services', service('fresh', '10.96.0.30'));
    api.store.delete('v1/services', 'shop/web', {});
    for (let count = 0; count < 20; count++) {
      expect((await ask(server.address, web)).data).toEqual(['10.96.0.20']);
      expect((await ask(server.address, fresh)).rcode).toBe('NXDOMAIN');
    }
    expect(await status(`http://${server.address.host}:8181/ready`)).toBe('200 OK');
    await api.start();
    await untilRcode(server, fresh, 'NOERROR');
    await untilRcode(server, web, 'NXDOMAIN');
  });

  it.concurrent('is followed while it is there', async (test) => {
    const { api, server } = await start(implementation, test.onTestFinished, { withApi: true });
    const { expect } = test;
    await untilRcode(server, web, 'NOERROR');
    api.store.create('v1/services', service('fresh', '10.96.0.30'));
    expect((await untilRcode(server, fresh, 'NOERROR')).data).toEqual(['10.96.0.30']);
    api.store.delete('v1/services', 'shop/fresh', {});
    await untilRcode(server, fresh, 'NXDOMAIN');
  });
});

async function start(
  implementation: Implementation,
  atEnd: (clean: () => Promise<void>) => void,
  { withApi }: { withApi: boolean },
): Promise<{ api: FakeApi; server: DnsServer }> {
  const api = await startClusterApi();
  if (!withApi) await api.stop();
  const upstream = await startUpstream(address('192.0.2.1', 60));
  const server = implementation.create();
  atEnd(async () => {
    await server.stop();
    upstream.close();
    await api.stop().catch(() => undefined);
  });
  await server.start(clusterCorefile(upstream.text), { API: api.client.server });
  return { api, server };
}

async function untilRcode({ address: to }: DnsServer, name: string, rcode: string): Promise<Seen> {
  return await until(
    `${name} ${rcode}`,
    async () => await ask(to, name),
    (seen) => seen.rcode === rcode,
    resyncMs,
  );
}

async function status(url: string): Promise<string> {
  const response = await fetch(url);
  return `${response.status} ${await response.text()}`;
}
