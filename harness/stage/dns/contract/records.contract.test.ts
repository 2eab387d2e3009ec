import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordType } from 'dns-packet';
import type { FakeApi } from '../../client/fake-api.ts';
import { clusterCorefile, startClusterApi } from './cluster-objects.ts';
import { ask, untilAnswered } from './dns-client.ts';
import { address, startUpstream, type FakeUpstream } from './fake-upstream.ts';
import { dnsServers } from '../../../test/contract/dns-servers.ts';
import type { DnsServer } from './server-under-test.ts';

type Row = readonly [name: string, type: RecordType, rcode: string, data: readonly string[]];

const noData: readonly string[] = [];
const outsideIp = '192.0.2.1';

const rows: readonly Row[] = [
  ['web.shop.svc', 'A', 'NOERROR', ['10.96.0.20']],
  ['web.shop.svc', 'AAAA', 'NOERROR', noData],
  ['web.shop.svc', 'MX', 'NOERROR', noData],
  ['first.web.shop.svc', 'A', 'NOERROR', ['10.1.0.1']],
  ['peers.shop.svc', 'A', 'NOERROR', ['10.1.0.1', '10.1.0.2']],
  ['10-1-0-2.peers.shop.svc', 'A', 'NOERROR', ['10.1.0.2']],
  ['10-1-0-3.peers.shop.svc', 'A', 'NXDOMAIN', noData],
  ['none.shop.svc', 'A', 'NXDOMAIN', noData],
  ['web.none.svc', 'A', 'NXDOMAIN', noData],
  ['a.b.c.web.shop.svc', 'A', 'NXDOMAIN', noData],
  ['shop.svc', 'A', 'NOERROR', noData],
  ['none.svc', 'A', 'NXDOMAIN', noData],
  ['svc', 'A', 'NOERROR', noData],
  ['other', 'A', 'NXDOMAIN', noData],
  ['1-2-3-4.shop.pod', 'A', 'NOERROR', ['1.2.3.4']],
  ['1-2-3-4.none.pod', 'A', 'NXDOMAIN', noData],
  ['1-2-3.shop.pod', 'A', 'NXDOMAIN', noData],
  ['web.shop.svc', 'TXT', 'NOERROR', noData],
];

/** What the names of a cluster stand for. */
describe.each(dnsServers())('$name: records of a cluster', (implementation) => {
  let api: FakeApi;
  let upstream: FakeUpstream;
  let server: DnsServer;

  beforeAll(async () => {
    api = await startClusterApi();
    upstream = await startUpstream(address(outsideIp, 60));
    server = implementation.create();
    await server.start(clusterCorefile(upstream.text), { API: api.client.server });
    await untilAnswered(server.address, 'web.shop.svc.cluster.local');
  });
  afterAll(async () => {
    await server.stop();
    upstream.close();
    await api.stop();
  });

  it.each(rows)('answer %s %s with %s %j', async (name, type, rcode, data) => {
    const seen = await ask(server.address, `${name}.cluster.local`, type);
    expect(seen).toMatchObject({ rcode, data });
    expect(seen.packet?.flag_aa).toBe(true);
    expect(seen.hasSoa).toBe(data.length === 0);
    expect(seen.ttlS).toBe(30);
  });

  it('leave other names, and addresses that are not of the cluster, to the upstream', async () => {
    expect((await ask(server.address, 'www.example.org')).data).toEqual([outsideIp]);
    const before = upstream.asked.length;
    await ask(server.address, '9.9.9.9.in-addr.arpa', 'PTR');
    expect(upstream.asked.length).toBe(before + 1);
  });

  it('have the SOA record of the zone', async () => {
    const { packet, ttlS } = await ask(server.address, 'cluster.local', 'SOA');
    expect(ttlS).toBe(30);
    expect(packet?.answers?.[0]).toMatchObject({ data: { mname: 'ns.dns.cluster.local', minimum: 30 } });
  });

  it('say on /ready and /health that all is well', async () => {
    for (const path of [':8080/health', ':8181/ready']) {
      const response = await fetch(`http://${server.address.host}${path}`);
      expect([response.status, await response.text()]).toEqual([200, 'OK']);
    }
  });

  it('are counted by the metrics', async () => {
    const text = await (await fetch(`http://${server.address.host}:9153/metrics`)).text();
    const label = `server="dns://${server.address.host}:${server.address.port}"`;
    expect(text).toMatch(new RegExp(`^coredns_dns_requests_total\\{.*${label}`, 'm'));
    expect(text).toMatch(/^coredns_dns_responses_total\{.*rcode="NXDOMAIN"/m);
    expect(text).toMatch(/^coredns_cache_misses_total\{/m);
  });
});
