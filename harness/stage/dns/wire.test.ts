import { decode, encode, type Answer } from 'dns-packet';
import { array, assert, constantFrom, integer, property, record, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frame, Frames } from './frames.ts';
import { rcodes, replyWith, type ResourceRecord } from './plugin.ts';
import { queryFor } from './testing/fakes.ts';
import { readQuery, readReply, writeQuery, writeReply } from './wire.ts';

const name = 'a.long.name.in.some.zone.example.org';

function records(owner: string, count: number): ResourceRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    type: 'A',
    class: 'IN',
    ttl: 30,
    name: owner,
    data: `10.0.0.${index}`,
  }));
}

describe('a reply', () => {
  it('that is too long loses records from its end, and says so', () => {
    const authorities: ResourceRecord[] = [{ type: 'NS', class: 'IN', ttl: 5, name: 'org', data: 'ns.example.org' }];
    const message = decode(writeReply(queryFor(name), replyWith(0, { answers: records(name, 200), authorities })));
    expect(message.flag_tc).toBe(true);
    expect(message.answers).toMatchObject(records(name, 28));
    expect(message.authorities).toEqual([]);
  });

  it('always fits, whatever is in it', () => {
    const label = constantFrom('a', 'bb', 'CCC', 'web', 'x'.repeat(63));
    const any = record({
      asked: array(label, { minLength: 1, maxLength: 3 }),
      owner: array(label, { minLength: 1, maxLength: 3 }),
      count: integer({ min: 0, max: 90 }),
    });
    assert(
      property(any, ({ asked, owner, count }) => {
        const answers = records(owner.join('.'), count);
        const message = writeReply(queryFor(asked.join('.')), replyWith(0, { answers }));
        expect(message.length).toBeLessThanOrEqual(512);
        const read = decode(message);
        expect(read.flag_tc).toBe((read.answers?.length ?? 0) < count);
        expect(read.answers).toMatchObject(answers.slice(0, read.answers?.length));
      }),
      { numRuns: 50 },
    );
  });

  it('of types that nobody knows goes through unchanged', () => {
    const query = queryFor(name);
    const https: Answer = { type: 'UNKNOWN_65' as 'NULL', class: 'IN', name, ttl: 7, data: Buffer.from([0, 1, 0]) };
    const came = encode({ type: 'response', id: 1, flags: 0x0180, questions: [{ type: 'A', name }], answers: [https] });
    const went = writeReply(query, readReply(came, query));
    expect(decode(went)).toEqual(decode(came));
  });

  it('to another question is FORMERR', () => {
    for (const question of [{ type: 'A', name: 'other.example.org' } as const, { type: 'AAAA', name } as const]) {
      const came = encode({ type: 'response', id: 1, questions: [question], answers: records(name, 1) });
      expect(readReply(came, queryFor(name))).toMatchObject({ rcode: rcodes.FORMERR, answers: [] });
    }
  });
});

describe('a query', () => {
  it('goes on as it came, but for the id', () => {
    const questions = [{ type: 'AAAA' as const, name: 'WwW.example.org' }];
    const came = encode({ type: 'query', id: 1, flags: 0x0100, questions });
    const query = readQuery(came, 'udp');
    if (!query || Buffer.isBuffer(query)) throw new Error('not read');
    expect(writeQuery(query).subarray(2)).toEqual(came.subarray(2));
  });

  it('of any bytes is read, refused or ignored', () => {
    assert(
      property(uint8Array({ maxLength: 80 }), (bytes) => {
        const read = readQuery(Buffer.from(bytes), 'udp');
        expect(read === undefined || Buffer.isBuffer(read) || read.question.length > 4).toBe(true);
      }),
    );
  });

  it.each([
    ['points anywhere', Buffer.from([0xc0, 12, 0, 1, 0, 1])],
    ['is no text', Buffer.from([2, 0xff, 0xfe, 0, 0, 1, 0, 1])],
  ])('whose name %s is refused', (_, question) => {
    const message = Buffer.concat([encode({ type: 'query' }), question]);
    message.writeUInt16BE(1, 4);
    expect(readQuery(message, 'udp')).toEqual(Buffer.from([0, 0, 0x80, rcodes.FORMERR, 0, 0, 0, 0, 0, 0, 0, 0]));
  });

  it('of another class than IN is refused', () => {
    const message = encode({ type: 'query', questions: [{ type: 'TXT', class: 'CH', name: 'version.bind' }] });
    expect(readQuery(message, 'udp')).toEqual(Buffer.from([0, 0, 0x80, rcodes.REFUSED, 0, 0, 0, 0, 0, 0, 0, 0]));
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
