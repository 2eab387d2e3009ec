import { describe, it } from 'vitest';
import { ask, until } from './dns-client.ts';
import { address, startUpstream, type FakeUpstream } from './fake-upstream.ts';
import { dnsServers } from '../../../test/contract/dns-servers.ts';
import type { DnsServer, Implementation } from './server-under-test.ts';

const name = 'www.example.org';
const ip = '192.0.2.1';
type AtEnd = (clean: () => Promise<void>) => void;

/** How queries are handed on. */
describe.concurrent.each(dnsServers())('$name: forward', { timeout: 40_000 }, (implementation) => {
  it.concurrent('asks the way it was asked, and hands the answer on as it is', async ({ expect, onTestFinished }) => {
    const { server, upstream } = await start(implementation, [], onTestFinished);
    for (const transport of ['udp', 'tcp'] as const) {
      const seen = await ask(server.address, name, 'A', { transport });
      expect(seen).toMatchObject({ data: [ip], ttlS: 300 });
      expect(seen.packet).toMatchObject({ flag_aa: false, flag_ra: true });
    }
    expect(upstream.asked.map(({ transport }) => transport)).toEqual(['udp', 'tcp']);
  });

  it.concurrent(
    'with force_tcp asks by TCP, and finds its way back when the connection was cut',
    async ({ expect, onTestFinished }) => {
      const { server, upstream } = await start(implementation, ['force_tcp'], onTestFinished);
      for (let count = 0; count < 3; count++) {
        expect((await ask(server.address, name)).data).toEqual([ip]);
        upstream.close();
        await upstream.open();
      }
      expect(upstream.asked.map(({ transport }) => transport)).toEqual(['tcp', 'tcp', 'tcp']);
    },
  );

  it.concurrent.for([{ options: ['force_tcp'] }, { options: [] }])(
    'says SERVFAIL when all upstreams refuse, and notices when one is back ($options)',
    async ({ options }, { expect, onTestFinished }) => {
      const checks = ['max_fails 1', 'health_check 50ms', 'failfast_all_unhealthy_upstreams'];
      const { server, upstream } = await start(implementation, [...options, ...checks], onTestFinished);
      upstream.close();
      expect((await ask(server.address, name, 'A', { timeoutMs: 8_000 })).rcode).toBe('SERVFAIL');
      await upstream.open();
      await until(
        'an answer',
        async () => await ask(server.address, name),
        ({ data }) => data[0] === ip,
      );
    },
  );

  it.concurrent('says SERVFAIL when an upstream is silent, after several tries', async ({ expect, onTestFinished }) => {
    const { server, upstream } = await start(implementation, ['max_fails 0'], onTestFinished);
    upstream.reply = () => undefined;
    expect((await ask(server.address, name, 'A', { timeoutMs: 15_000 })).rcode).toBe('SERVFAIL');
    expect(upstream.asked.length).toBe(3);
  });

  it.concurrent('says REFUSED to more queries than it may have under way', async ({ expect, onTestFinished }) => {
    const { server, upstream } = await start(implementation, ['max_concurrent 1'], onTestFinished);
    const gate = Promise.withResolvers<void>();
    upstream.reply = async (query) => {
      await gate.promise;
      return address(ip, 60)(query);
    };
    const first = ask(server.address, 'first.example.org');
    await until(
      'the first query',
      async () => upstream.asked.length,
      (count) => count === 1,
    );
    expect((await ask(server.address, 'second.example.org')).rcode).toBe('REFUSED');
    gate.resolve();
    expect((await first).data).toEqual([ip]);
  });
});
async function start(
  implementation: Implementation,
  options: readonly string[],
  atEnd: AtEnd,
): Promise<{ server: DnsServer; upstream: FakeUpstream }> {
  const upstream = await startUpstream(address(ip, 300));
  const server = implementation.create();
  atEnd(async () => {
    await server.stop();
    upstream.close();
  });
  await server.start(`
    .:{$DNS_PORT} {
        bind {$DNS_HOST}
        forward . ${upstream.text} {
            ${options.join('\n')}
        }
    }`);
  // REFUSED would mean that an earlier try is still under way.
  await until(
    'a first answer',
    async () => await ask(server.address, name),
    ({ rcode }) => rcode === 'NOERROR',
  );
  upstream.asked.length = 0;
  return { server, upstream };
}
