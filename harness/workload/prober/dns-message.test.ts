import { decode, encode, type Answer } from 'dns-packet';
import { assert, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeResponse, encodeQuery } from './dns-message.ts';

const host = 'model-server.blackstart.svc.cluster.local';
const aRecord = (data: string, ttl: number): Answer => ({ type: 'A', class: 'IN', name: host, ttl, data });

function response(fields: { rcode?: number; truncated?: boolean; answers?: Answer[]; name?: string }): Buffer {
  const flags = (fields.truncated === true ? 0x0200 : 0) | (fields.rcode ?? 0);
  return encode({
    type: 'response',
    id: 7,
    flags,
    questions: [{ type: 'A', class: 'IN', name: fields.name ?? host }],
    answers: fields.answers ?? [],
  });
}

describe('a query', () => {
  it('is read by another implementation as one recursive A question', () => {
    const decoded = decode(encodeQuery(4711, `${host}.`));
    expect(decoded).toMatchObject({ id: 4711, type: 'query', flag_rd: true, answers: [] });
    expect(decoded.questions).toEqual([{ type: 'A', class: 'IN', name: host }]);
  });

  it('is refused for a name that is none', () => {
    expect(() => encodeQuery(1, 'a..b')).toThrow(RangeError);
    expect(() => encodeQuery(1, `${'a'.repeat(64)}.b`)).toThrow(RangeError);
  });
});

describe('a response', () => {
  it('gives the A records in order, with their TTLs', () => {
    const answers = [aRecord('10.96.0.1', 20), aRecord('10.96.0.2', 0)];
    expect(decodeResponse(response({ answers }))).toEqual({
      id: 7,
      isResponse: true,
      truncated: false,
      rcode: 'NOERROR',
      question: host,
      answers: [
        { address: '10.96.0.1', ttlS: 20 },
        { address: '10.96.0.2', ttlS: 0 },
      ],
    });
  });

  it('leaves out records of other types', () => {
    const alias: Answer = { type: 'CNAME', class: 'IN', name: host, ttl: 5, data: 'other.cluster.local' };
    expect(decodeResponse(response({ answers: [alias, aRecord('1.2.3.4', 9)] })).answers).toEqual([
      { address: '1.2.3.4', ttlS: 9 },
    ]);
  });

  it.each([
    [0, 'NOERROR'],
    [2, 'SERVFAIL'],
    [3, 'NXDOMAIN'],
    [5, 'REFUSED'],
    [9, 'RCODE9'],
  ])('with code %i reads %s', (rcode, name) => {
    expect(decodeResponse(response({ rcode })).rcode).toBe(name);
  });

  it('follows compression pointers and compares names in lower case', () => {
    const question = encodeQuery(7, 'A.B');
    const pointerRecord = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 10, 0, 0, 1]);
    const message = Buffer.concat([question, pointerRecord]);
    message.writeUInt16BE(0x8180, 2);
    message.writeUInt16BE(1, 6);
    expect(decodeResponse(message)).toMatchObject({ question: 'a.b', answers: [{ address: '10.0.0.1', ttlS: 30 }] });
  });

  it('says that it is truncated, whatever is cut off', () => {
    const whole = response({ truncated: true, answers: [aRecord('10.96.0.1', 20)] });
    expect(decodeResponse(whole.subarray(0, whole.length - 3))).toMatchObject({ truncated: true, answers: [] });
  });

  it('is refused when a name points at itself', () => {
    const message = Buffer.concat([response({}).subarray(0, 12), Buffer.from([0xc0, 12, 0, 1, 0, 1])]);
    expect(() => decodeResponse(message)).toThrow(RangeError);
  });

  it('of any bytes is read or refused, and nothing else', () => {
    assert(
      property(uint8Array({ maxLength: 120 }), (bytes) => {
        expect(['read', 'refused']).toContain(readOrRefused(Buffer.from(bytes)));
      }),
    );
  });
});

function readOrRefused(bytes: Buffer): string {
  try {
    decodeResponse(bytes);
    return 'read';
  } catch (problem) {
    return problem instanceof RangeError ? 'refused' : String(problem);
  }
}
