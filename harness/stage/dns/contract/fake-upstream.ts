import { systemClock } from '../../../core/clock.ts';
import { listen, type Listener } from '../listen.ts';
import { bare, type Query, type Reply } from '../plugin.ts';
import { readQuery } from '../wire/read-query.ts';
import { writeReply } from '../wire/write-reply.ts';
import { freeHost, type DnsAddress } from './server-under-test.ts';

/** A server that queries are forwarded to; it answers what the test says. */
export interface FakeUpstream {
  readonly address: DnsAddress;
  /** `HOST:PORT`. */
  readonly text: string;
  /** What to answer; undefined: silence. Health checks ask for NS. */
  reply: (query: Query) => Partial<Reply> | undefined | Promise<Partial<Reply>>;
  /** Queries by UDP and TCP since the start, without health checks. */
  readonly asked: Query[];
  /** When, on the machine's monotonic clock. */
  readonly askedAtMs: number[];
  /** From now on connections are refused, and open ones are cut. */
  readonly close: () => void;
  readonly open: () => Promise<void>;
}

export async function startUpstream(reply: FakeUpstream['reply']): Promise<FakeUpstream> {
  const own = { host: freeHost(), port: 53_053 };
  let listener: Listener | undefined;
  const answer = async (message: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer | undefined> => {
    const query = readQuery(message, transport);
    if (!query || Buffer.isBuffer(query)) return query;
    if (query.type === 'NS') return writeReply(query, bare(0));
    upstream.asked.push(query);
    upstream.askedAtMs.push(systemClock.monotonicMs());
    const parts = await upstream.reply(query);
    return parts && writeReply(query, { ...bare(0), recursionAvailable: true, ...parts });
  };
  const upstream: FakeUpstream = {
    address: own,
    text: `${own.host}:${own.port}`,
    reply,
    asked: [],
    askedAtMs: [],
    close: () => {
      listener?.close();
      listener = undefined;
    },
    open: async () => {
      listener = await listen(own.host, own.port, answer);
    },
  };
  await upstream.open();
  return upstream;
}

/** A good answer: one address under the name that was asked for. */
export function address(data: string, ttl: number): (query: Query) => Partial<Reply> {
  return ({ name }) => ({ answers: [{ type: 'A', class: 'IN', name, ttl, data }] });
}

/** What an authority says when there is no such name, or it fails: an SOA record comes with it. */
export function failure(rcode: number, ttl: number): Partial<Reply> {
  const data = { mname: 'ns.example.org', rname: 'root.example.org', minimum: ttl };
  return { rcode, authorities: [{ type: 'SOA', class: 'IN', name: 'example.org', ttl, data }] };
}
