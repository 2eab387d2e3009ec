import { encode, type RecordType } from 'dns-packet';
import { replyWith, type Query, type Reply } from '../plugin.ts';
import { readQuery } from '../wire.ts';

export type FakeClock = ReturnType<typeof fakeClock>;

/** Time that stands still until it is moved; whoever sleeps moves it. */
export function fakeClock() {
  let nowMs = 0;
  const advance = (ms: number): void => {
    nowMs += ms;
  };
  // Others get a turn meanwhile.
  const sleep = async (ms: number): Promise<void> =>
    await new Promise((resolve) => setImmediate(resolve)).then(() => advance(ms));
  return { monotonicMs: () => nowMs, now: () => new Date(nowMs), advance, sleep };
}

/** A query as a client sends it by UDP. */
export function queryFor(name: string, type: RecordType = 'A'): Query {
  const query = readQuery(encode({ type: 'query', id: 1, flags: 0x0100, questions: [{ name, type }] }), 'udp');
  if (!query || Buffer.isBuffer(query)) throw new Error(`${name} is no name`);
  return query;
}

/** A reply of an upstream with one address. */
export function addressReply(name: string, data: string, ttl: number): Reply {
  const answers = [{ type: 'A', class: 'IN', name, ttl, data } as const];
  return replyWith(0, { recursionAvailable: true, answers });
}

/** What an authority says when there is no such name, or it fails: an SOA record comes with it. */
export function soaReply(rcode: number, ttl: number): Reply {
  const data = { mname: 'ns.example.org', rname: 'root.example.org', minimum: ttl };
  const soa = { type: 'SOA', class: 'IN', name: 'example.org', ttl, data } as const;
  return replyWith(rcode, { recursionAvailable: true, authorities: [soa] });
}
