import { describe, it } from 'vitest';
import { rcodes, replyWith } from '../plugin.ts';
import { ask, until, untilAnswered, type Seen } from './dns-client.ts';
import { soaReply } from '../testing/fakes.ts';
import { address, startUpstream, type FakeUpstream } from './fake-upstream.ts';
import { dnsServers } from '../../../test/contract/dns-servers.ts';
import type { DnsServer, Implementation } from './server-under-test.ts';

const name = 'model.example.org';
const other = 'other.example.org';
const ip = '192.0.2.1';

/** What is kept of an upstream's answers, and for how long. */
describe.concurrent.each(dnsServers())('$name: the cache', { timeout: 40_000 }, (implementation) => {
  it.concurrent('holds an answer for exactly its time, and counts it down', async ({ expect, onTestFinished }) => {
    const { server, upstream } = await startLane(implementation, ['success 9984 4 4'], onTestFinished);
    const first = await untilAnswered(server.address, name);
    expect(first).toMatchObject({ data: [ip], ttlS: 4 });
    const second = await until(
      'a second less',
      async () => await ask(server.address, name),
      ({ ttlS }) => ttlS < 4,
    );
    expect(second.ttlS).toBeGreaterThan(0);
    expect(second).toMatchObject({ data: [ip], packet: { flag_aa: true } });
    expect(upstream.asked.length).toBe(1);
    await until(
      'a refresh',
      async () => await ask(server.address, name),
      () => upstream.asked.length === 2,
    );
    expect(betweenAsked(upstream)).toBeGreaterThanOrEqual(4_000);
  });

  it.concurrent('keeps negative answers that have an SOA record, and SERVFAIL', async ({ expect, onTestFinished }) => {
    const { server, upstream } = await startLane(implementation, ['denial 9984 20 5'], onTestFinished);
    await untilAnswered(server.address, name);
    for (const [rcode, seen] of [
      [rcodes.NXDOMAIN, 'NXDOMAIN'],
      [rcodes.NOERROR, 'NOERROR'],
      [rcodes.SERVFAIL, 'SERVFAIL'],
    ] as const) {
      upstream.reply = () => soaReply(rcode, 60);
      const before = upstream.asked.length;
      for (const _ of [1, 2, 3])
        expect(await ask(server.address, `${seen}.example.org`)).toMatchObject({ rcode: seen, hasSoa: true });
      expect(upstream.asked.length).toBe(before + 1);
    }
    upstream.reply = () => replyWith(rcodes.NXDOMAIN);
    const before = upstream.asked.length;
    for (const _ of [1, 2]) await ask(server.address, 'bare.example.org');
    expect(upstream.asked.length).toBe(before + 2);
  });

  it.concurrent('keeps nothing of what is switched off', async ({ expect, onTestFinished }) => {
    const options = ['servfail 0', 'disable success example.org', 'disable denial other.example.org'];
    const { server, upstream } = await startLane(implementation, options, onTestFinished);
    await untilAnswered(server.address, name);
    const asks = async (asked: string): Promise<number> => {
      const before = upstream.asked.length;
      for (const _ of [1, 2]) await ask(server.address, asked);
      return upstream.asked.length - before;
    };
    expect(await asks(name)).toBe(2);
    upstream.reply = () => soaReply(rcodes.NXDOMAIN, 60);
    expect(await asks(other)).toBe(2);
    expect(await asks('third.example.org')).toBe(1);
    upstream.reply = () => soaReply(rcodes.SERVFAIL, 60);
    expect(await asks('fourth.example.org')).toBe(2);
  });

  it.concurrent(
    'without serve_stale fails with its upstream as soon as the time is up',
    async ({ expect, onTestFinished }) => {
      const { server, upstream } = await startLane(implementation, ['success 9984 1 1'], onTestFinished);
      await untilAnswered(server.address, name);
      upstream.close();
      await until(
        'a failure',
        async () => await ask(server.address, name),
        ({ rcode }) => rcode === 'SERVFAIL',
      );
      await upstream.open();
      await until(
        'an answer',
        async () => await ask(server.address, name),
        ({ rcode }) => rcode === 'NOERROR',
      );
      expect(upstream.asked.length).toBe(2);
    },
  );
});

describe.concurrent.each(dnsServers())('$name: serve_stale', { timeout: 40_000 }, (implementation) => {
  it.concurrent('counts the second in which the TTL reads 0 as fresh', async ({ expect, onTestFinished }) => {
    const { server, upstream } = await startLane(
      implementation,
      ['success 9984 1 1', 'serve_stale 1h verify'],
      onTestFinished,
    );
    await untilAnswered(server.address, name);
    const zeroFresh = async (): Promise<boolean> => {
      const before = upstream.asked.length;
      return (await ask(server.address, name)).ttlS === 0 && upstream.asked.length === before;
    };
    await until('TTL 0 without a look upstream', zeroFresh, (seen) => seen);
    await until(
      'a refresh',
      async () => await ask(server.address, name),
      () => upstream.asked.length > 1,
    );
    expect(betweenAsked(upstream)).toBeGreaterThanOrEqual(2_000);
  });

  it.concurrent(
    'verify outlives an upstream that says SERVFAIL, asking it every time',
    async ({ expect, onTestFinished }) => {
      const { server, upstream } = await startLane(
        implementation,
        ['success 9984 1 1', 'serve_stale 1h verify'],
        onTestFinished,
      );
      await untilStale(server, upstream, () => soaReply(rcodes.SERVFAIL, 60));
      const before = upstream.asked.length;
      for (let count = 0; count < 10; count++)
        expect(await ask(server.address, name)).toMatchObject({ data: [ip], ttlS: 0 });
      expect(upstream.asked.length).toBe(before + 10);
      upstream.reply = address('192.0.2.2', 60);
      expect(await ask(server.address, name)).toMatchObject({ data: ['192.0.2.2'], ttlS: 1 });
    },
  );

  it.concurrent('verify outlives an upstream that is gone', async ({ expect, onTestFinished }) => {
    const { server, upstream } = await startLane(
      implementation,
      ['success 9984 1 1', 'servfail 0', 'serve_stale 1h verify'],
      onTestFinished,
    );
    await untilStale(server, upstream, () => soaReply(rcodes.SERVFAIL, 60));
    upstream.close();
    for (let count = 0; count < 30; count++)
      expect(await ask(server.address, name)).toMatchObject({ data: [ip], ttlS: 0 });
    expect((await ask(server.address, other)).rcode).toBe('SERVFAIL');
    upstream.reply = address('192.0.2.2', 60);
    await upstream.open();
    await until(
      'the new address',
      async () => await ask(server.address, name),
      ({ data }) => data[0] === '192.0.2.2',
    );
  });

  it.concurrent('gives way to NXDOMAIN', async ({ expect, onTestFinished }) => {
    const { server, upstream } = await startLane(
      implementation,
      ['success 9984 1 1', 'serve_stale 1h verify'],
      onTestFinished,
    );
    await untilStale(server, upstream, () => soaReply(rcodes.NXDOMAIN, 60));
    expect((await ask(server.address, name)).rcode).toBe('NXDOMAIN');
  });

  it.concurrent(
    'keeps an NXDOMAIN that came while it verified, although that is disabled',
    async ({ expect, onTestFinished }) => {
      const options = ['success 9984 1 1', 'disable denial', 'serve_stale 1h verify'];
      const { server, upstream } = await startLane(implementation, options, onTestFinished);
      await untilStale(server, upstream, () => soaReply(rcodes.NXDOMAIN, 60));
      upstream.close();
      expect((await ask(server.address, name)).rcode).toBe('NXDOMAIN');
    },
  );

  it.concurrent(
    'immediate is defeated by an upstream that says SERVFAIL (CoreDNS up to 1.14.3)',
    async ({ expect, onTestFinished }) => {
      const { server, upstream } = await startLane(
        implementation,
        ['success 9984 1 1', 'serve_stale 1h immediate'],
        onTestFinished,
      );
      await untilAnswered(server.address, name);
      upstream.reply = () => soaReply(rcodes.SERVFAIL, 60);
      const seen: Seen[] = [];
      const asking = async (): Promise<string> => {
        const one = await ask(server.address, name);
        seen.unshift(one);
        return one.rcode;
      };
      await until('SERVFAIL', asking, (rcode) => rcode === 'SERVFAIL');
      expect(seen[1]).toMatchObject({ rcode: 'NOERROR', data: [ip], ttlS: 0 });
      expect(await servedStale(server)).toBeGreaterThan(0);
      expect((await ask(server.address, name)).rcode).toBe('SERVFAIL');
    },
  );

  it.concurrent('immediate refreshes by TCP, whoever asks how', async ({ expect, onTestFinished }) => {
    const options = ['success 9984 1 1', 'serve_stale 1h immediate'];
    const { server, upstream } = await startLane(implementation, options, onTestFinished, '');
    await untilStale(server, upstream, address('192.0.2.2', 60));
    const [first, second] = upstream.asked.filter(({ key }) => key === name);
    expect([first?.transport, second?.transport]).toEqual(['udp', 'tcp']);
  });

  it.concurrent(
    'immediate outlives an upstream that is gone, and takes what it says when it is back',
    async ({ expect, onTestFinished }) => {
      const { server, upstream } = await startLane(
        implementation,
        ['success 9984 1 1', 'serve_stale 1h immediate'],
        onTestFinished,
      );
      await untilAnswered(server.address, name);
      upstream.close();
      const metrics = async (): Promise<number> => await servedStale(server);
      const asking = async (): Promise<number> => {
        expect(await ask(server.address, name)).toMatchObject({ data: [ip] });
        return await metrics();
      };
      await until('stale answers', asking, (count) => count >= 20);
      upstream.reply = address('192.0.2.2', 60);
      await upstream.open();
      await until(
        'the new address',
        async () => await ask(server.address, name),
        ({ data }) => data[0] === '192.0.2.2',
      );
    },
  );
});

interface Lane {
  readonly server: DnsServer;
  readonly upstream: FakeUpstream;
}

async function startLane(
  implementation: Implementation,
  options: readonly string[],
  atEnd: (clean: () => Promise<void>) => void,
  protocol = 'force_tcp',
): Promise<Lane> {
  const upstream = await startUpstream(address(ip, 300));
  const server = implementation.create();
  atEnd(async () => {
    await server.stop();
    upstream.close();
  });
  await server.start(`
    example.org:{$DNS_PORT} {
        bind {$DNS_HOST}
        cache {
            ${options.join('\n')}
        }
        forward . ${upstream.text} {
            ${protocol}
            max_fails 1
            health_check 50ms domain cluster.local
            failfast_all_unhealthy_upstreams
        }
        prometheus {$DNS_HOST}:9153
    }`);
  return { server, upstream };
}

/** Fills the cache, then lets the upstream say something else; gives the answer that was the first to go back to it. */
async function untilStale(
  { address: to }: DnsServer,
  upstream: FakeUpstream,
  reply: FakeUpstream['reply'],
): Promise<Seen> {
  await untilAnswered(to, name);
  const before = upstream.asked.length;
  upstream.reply = reply;
  return await until(
    'a stale entry',
    async () => await ask(to, name),
    () => upstream.asked.length > before,
  );
}

/** From the first query to the second: never less than an entry is held, however slow the machine. */
function betweenAsked({ asked: [first, second] }: FakeUpstream): number {
  return (second?.atMs ?? 0) - (first?.atMs ?? 0);
}

async function servedStale({ address: { host } }: DnsServer): Promise<number> {
  const text = await (await fetch(`http://${host}:9153/metrics`)).text();
  return Number(/^coredns_cache_served_stale_total\{.*\} (\d+)$/m.exec(text)?.[1] ?? 0);
}
