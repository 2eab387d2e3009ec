import { connect } from 'node:net';
import { once } from 'node:events';
import { encode } from 'dns-packet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FakeApi } from '../../client/fake-api.ts';
import { seededRandom } from '../../../core/random.ts';
import { Frames, frame } from '../frames.ts';
import { clusterCorefile, startClusterApi } from './cluster-objects.ts';
import { ask, seen, send, untilAnswered } from './dns-client.ts';
import { dnsServers } from '../../../test/contract/dns-servers.ts';
import type { DnsServer } from './server-under-test.ts';

const web = 'web.shop.svc.cluster.local';
/** Forty addresses. */
const many = 'many.shop.svc.cluster.local';
const quick = { timeoutMs: 300 };

/** How messages look, whatever is in them. */
describe.each(dnsServers())('$name: messages', (implementation) => {
  let api: FakeApi;
  let server: DnsServer;

  beforeAll(async () => {
    api = await startClusterApi();
    server = implementation.create();
    const onlyCluster = clusterCorefile('192.0.2.1').replace('.:{$DNS_PORT}', 'cluster.local:{$DNS_PORT}');
    await server.start(onlyCluster, { API: api.client.server });
    await untilAnswered(server.address, web);
  });
  afterAll(async () => {
    await server.stop();
    await api.stop();
  });

  it('are cut at 512 bytes by UDP, with the TC bit and as many records as fit when names are compressed', async () => {
    const { packet, bytes, data } = await ask(server.address, many);
    expect(packet?.flag_tc).toBe(true);
    expect(bytes).toBeLessThanOrEqual(512);
    expect(data.length).toBe(29);
  });

  it('are whole by TCP', async () => {
    const { packet, data } = await ask(server.address, many, 'A', { transport: 'tcp' });
    expect(packet?.flag_tc).toBe(false);
    expect(data.length).toBe(40);
  });

  it('come in order on one TCP connection, however the queries are cut into packets', async () => {
    const socket = connect(server.address);
    const names = Array.from({ length: 20 }, (_, index) =>
      index % 2 === 0 ? web : `none-${index}.shop.svc.cluster.local`,
    );
    const queries = Buffer.concat(
      names.map((name, id) => frame(encode({ type: 'query', id, questions: [{ type: 'A', name }] }))),
    );
    socket.setNoDelay(true);
    for (const part of [queries.subarray(0, 1), queries.subarray(1, 30), queries.subarray(30)]) socket.write(part);
    const frames = new Frames();
    const replies: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => replies.push(...frames.take(chunk)));
    while (replies.length < names.length) await once(socket, 'data');
    socket.destroy();
    expect(replies.map((reply) => reply.readUInt16BE(0))).toEqual(names.map((_, id) => id));
    expect(replies.map((reply) => seen(reply).rcode)).toEqual(
      names.map((name) => (name === web ? 'NOERROR' : 'NXDOMAIN')),
    );
  });

  it('keep upper and lower case as it was asked', async () => {
    const { packet } = await ask(server.address, 'WeB.Shop.sVc.clUSTER.local');
    expect(packet?.questions?.[0]?.name).toBe('WeB.Shop.sVc.clUSTER.local');
    expect(packet?.answers).toMatchObject([{ name: 'WeB.Shop.sVc.clUSTER.local', data: '10.96.0.20' }]);
    const unknown = await ask(server.address, 'none.clUSTER.local');
    expect(unknown.packet?.authorities?.[0]?.name).toBe('clUSTER.local');
  });

  it.each([
    ['NOTIMP for another opcode', 'NOTIMP', query({ flags: 0x2800 })],
    ['FORMERR for two questions', 'FORMERR', query({ questions: 2 })],
    ['FORMERR for a question that is cut short', 'FORMERR', query({}).subarray(0, 20)],
    ['REFUSED for a name of no zone', 'REFUSED', query({ name: 'www.example.org' })],
    ['no reply for a response', 'no reply', query({ flags: 0x8000 })],
    ['no reply for half a header', 'no reply', query({}).subarray(0, 8)],
  ])('are %s', async (_, rcode, message) => {
    expect(seen(await send(server.address, message, quick)).rcode).toBe(rcode);
  });

  it('repeat the bit that asks for recursion, and do not offer it', async () => {
    for (const flag_rd of [true, false]) {
      const { packet } = await ask(server.address, web, 'A', { flags: flag_rd ? 0x0100 : 0 });
      expect(packet).toMatchObject({ flag_rd, flag_ra: false, flag_aa: true });
    }
  });

  it('of any bytes leave the server as it was', async () => {
    const random = seededRandom(20_241_211);
    const whole = query({});
    const noise = Array.from({ length: 300 }, () => {
      const message = Buffer.from(whole);
      for (let count = 0; count < 3; count++) message[Math.floor(random.next() * message.length)] = random.next() * 256;
      return message.subarray(0, Math.ceil(random.next() * message.length));
    });
    for (const transport of ['udp', 'tcp'] as const) {
      await Promise.all(noise.map(async (message) => await send(server.address, message, { transport, ...quick })));
      expect((await ask(server.address, web, 'A', { transport })).data).toEqual(['10.96.0.20']);
    }
  });
});

function query({ flags = 0x0100, questions = 1, name = web }): Buffer {
  const each = Array.from({ length: questions }, () => ({ type: 'A' as const, name }));
  const message = encode({ type: 'query', id: 99, questions: each });
  message.writeUInt16BE(flags, 2);
  return message;
}
