import { decode, encode, type Answer } from 'dns-packet';
import { array, assert, constantFrom, integer, property, record, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authoritative, type ResourceRecord } from '../plugin.ts';
import { queryFor } from '../testing/queries.ts';
import { fit } from './fit.ts';
import { frame, Frames } from './frames.ts';
import { readQuery } from './read-query.ts';
import { readReply } from './read-reply.ts';
import { writeQuery, writeReply } from './write-reply.ts';

const name = 'a.long.name.in.some.zone.example.org';

function records(count: number): ResourceRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    type: 'A',
    class: 'IN',
    ttl: 30,
    name,
    data: `10.0.0.${index}`,
  }));
}

describe('a message that is too long', () => {
  const soa: ResourceRecord = {
    type: 'SOA',
    class: 'IN',
    ttl: 5,
    name: 'example.org',
    data: {
      mname: 'ns.dns.example.org',
      rname: 'root.example.org',
      serial: 1,
      refresh: 2,
      retry: 3,
      expire: 4,
      minimum: 5,
    },
  };
  const several: ResourceRecord[] = [
    { type: 'CNAME', class: 'IN', ttl: 5, name, data: 'other.zone.example.org' },
    { type: 'MX', class: 'IN', ttl: 5, name, data: { preference: 10, exchange: 'mx.example.org' } },
    {
      type: 'SRV',
      class: 'IN',
      ttl: 5,
      name,
      data: { priority: 0, weight: 1, port: 53, target: 'srv.zone.example.org' },
    },
    { type: 'TXT', class: 'IN', ttl: 5, name, data: [Buffer.from('text')] },
    { type: 'A', class: 'IN', ttl: 5, name: 'srv.zone.example.org', data: '10.0.0.1' },
  ];

  it('is compressed, and reads the same', () => {
    const message = {
      type: 'response' as const,
      id: 1,
      questions: [{ type: 'A' as const, name }],
      answers: several,
      authorities: [soa],
    };
    const long = encode(message);
    const short = fit(long, long.length - 1, 'udp');
    expect(short.length).toBeLessThan(long.length / 2);
    const { answers, authorities, questions } = decode(short);
    expect({ answers, authorities, questions }).toEqual({
      answers: decode(long).answers,
      authorities: decode(long).authorities,
      questions: decode(long).questions,
    });
  });

  it('loses records from its end when that is not enough, never the OPT record, and says so', () => {
    const opt: Answer = {
      type: 'OPT',
      name: '.',
      udpPayloadSize: 512,
      extendedRcode: 0,
      ednsVersion: 0,
      flags: 0,
      flag_do: false,
      options: [],
    };
    const query = { ...queryFor(name), edns: opt };
    const message = decode(writeReply(query, authoritative('', { answers: records(200), authorities: [soa] })));
    expect(message.flag_tc).toBe(true);
    expect(message.answers?.length).toBe(27);
    expect(message.authorities).toEqual([]);
    expect(message.additionals).toMatchObject([{ type: 'OPT' }]);
  });

  it('always fits, whatever is in it', () => {
    const label = constantFrom('a', 'bb', 'CCC', 'web', 'x'.repeat(63));
    const any = record({
      labels: array(label, { minLength: 1, maxLength: 3 }),
      count: integer({ min: 0, max: 90 }),
      limit: integer({ min: 512, max: 1_500 }),
    });
    assert(
      property(any, ({ labels, count, limit }) => {
        const owner = labels.join('.');
        const answers = records(count).map((one) => ({ ...one, name: owner }));
        const asked = { ...queryFor(owner), maxBytes: limit };
        const message = writeReply(asked, authoritative('', { answers }));
        expect(message.length).toBeLessThanOrEqual(limit);
        const read = decode(message);
        expect(read.flag_tc).toBe((read.answers?.length ?? 0) < count);
        expect(read.answers?.every((each) => each.name === owner)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a query', () => {
  it('goes on as it came, but for the id', () => {
    const came = encode({
      type: 'query',
      id: 1,
      flags: 0x0130,
      questions: [{ type: 'AAAA', name: 'WwW.example.org' }],
    });
    const query = readQuery(came, 'udp');
    if (!query || Buffer.isBuffer(query)) throw new Error('not read');
    const went = writeQuery(2, query);
    expect(went.subarray(2)).toEqual(came.subarray(2));
  });

  it('of any bytes is read, refused or ignored', () => {
    assert(
      property(uint8Array({ maxLength: 80 }), (bytes) => {
        const read = readQuery(Buffer.from(bytes), 'udp');
        expect(read === undefined || Buffer.isBuffer(read) || read.question.length > 4).toBe(true);
      }),
    );
  });

  it('whose name points anywhere is refused', () => {
    const message = Buffer.concat([encode({ type: 'query' }), Buffer.from([0xc0, 12, 0, 1, 0, 1])]);
    message.writeUInt16BE(1, 4);
    expect(readQuery(message, 'udp')).toEqual(Buffer.from([0, 0, 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0]));
  });
});

describe('a reply', () => {
  it('of types that nobody knows goes through unchanged', () => {
    const https: Answer = { type: 'UNKNOWN_65' as 'NULL', class: 'IN', name, ttl: 7, data: Buffer.from([0, 1, 0]) };
    const came = encode({ type: 'response', id: 1, flags: 0x0180, questions: [{ type: 'A', name }], answers: [https] });
    const { reply } = readReply(came, 'forward');
    expect(writeReply(queryFor(name), reply).subarray(2)).toEqual(came.subarray(2));
  });
});

describe('frames', () => {
  it('are the same however the stream is cut', () => {
    const messages = [Buffer.alloc(0), Buffer.from('a'), Buffer.alloc(300, 'b'), Buffer.from('c')];
    const stream = Buffer.concat(messages.map(frame));
    assert(
      property(array(integer({ min: 0, max: stream.length })), (cuts) => {
        const frames = new Frames();
        const edges = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        const taken = edges.flatMap((edge, index) => frames.take(stream.subarray(edges[index - 1] ?? 0, edge)));
        expect(taken).toEqual(messages);
      }),
    );
  });
});
