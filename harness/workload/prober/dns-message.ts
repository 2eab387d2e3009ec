/** The little of RFC 1035 that an A query needs. */

export interface DnsAnswer {
  readonly address: string;
  readonly ttlS: number;
}

export interface DnsResponse {
  readonly id: number;
  readonly isResponse: boolean;
  readonly truncated: boolean;
  /** The response code's name: NOERROR, SERVFAIL, NXDOMAIN, … */
  readonly rcode: string;
  /** The name that was asked for, lower case, without the last dot; undefined when the question is missing. */
  readonly question: string | undefined;
  /** The A records of the answer section, in order. */
  readonly answers: readonly DnsAnswer[];
}

const rcodes = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];
const typeA = 1;
const classIn = 1;
const headerBytes = 12;
/** RFC 1035: a name has at most 255 bytes, so at most 128 labels; more means a loop of pointers. */
const maxLabels = 128;

/** A recursive A query for an absolute name. Throws a RangeError for a name that cannot be one. */
export function encodeQuery(id: number, name: string): Buffer {
  const labels = name.replace(/\.$/, '').split('.');
  const question = Buffer.concat([
    ...labels.map((label) => {
      const bytes = Buffer.from(label, 'latin1');
      if (bytes.length === 0 || bytes.length > 63) throw new RangeError(`'${name}' is not a DNS name`);
      return Buffer.concat([Buffer.of(bytes.length), bytes]);
    }),
    Buffer.of(0, 0, typeA, 0, classIn),
  ]);
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(0x0100, 2);
  header.writeUInt16BE(1, 4);
  return Buffer.concat([header, question]);
}

/** Reads a response. Throws a RangeError when it is no DNS message. */
export function decodeResponse(message: Buffer): DnsResponse {
  const flags = message.readUInt16BE(2);
  const questions = message.readUInt16BE(4);
  const answerCount = message.readUInt16BE(6);
  let offset = headerBytes;
  let question: string | undefined;
  for (let index = 0; index < questions; index++) {
    const name = readName(message, offset);
    question ??= name.text;
    offset = name.end + 4;
  }
  const truncated = (flags & 0x0200) !== 0;
  return {
    id: message.readUInt16BE(0),
    isResponse: (flags & 0x8000) !== 0,
    truncated,
    rcode: rcodes[flags & 0xf] ?? `RCODE${flags & 0xf}`,
    question,
    // A truncated message may end in the middle of a record, and is asked for again over TCP anyway.
    answers: truncated ? [] : readAnswers(message, offset, answerCount),
  };
}

function readAnswers(message: Buffer, start: number, count: number): DnsAnswer[] {
  const answers: DnsAnswer[] = [];
  let offset = start;
  for (let index = 0; index < count; index++) {
    offset = readName(message, offset).end;
    const type = message.readUInt16BE(offset);
    const dnsClass = message.readUInt16BE(offset + 2);
    const ttlS = message.readUInt32BE(offset + 4);
    const length = message.readUInt16BE(offset + 8);
    const data = message.subarray(offset + 10, offset + 10 + length);
    if (data.length < length) throw new RangeError('The record is longer than the message');
    if (type === typeA && dnsClass === classIn && length === 4) answers.push({ address: data.join('.'), ttlS });
    offset += 10 + length;
  }
  return answers;
}

/** Follows compression pointers; `end` is where the name ends in place. */
function readName(message: Buffer, start: number): { text: string; end: number } {
  const labels: string[] = [];
  let offset = start;
  let end: number | undefined;
  for (let steps = 0; steps < 2 * maxLabels; steps++) {
    const length = message.readUInt8(offset);
    if (length === 0) return { text: labels.join('.').toLowerCase(), end: end ?? offset + 1 };
    if ((length & 0xc0) === 0xc0) {
      end ??= offset + 2;
      offset = message.readUInt16BE(offset) & 0x3fff;
    } else if (length > 63) {
      throw new RangeError('Unknown kind of label');
    } else {
      labels.push(message.toString('latin1', offset + 1, offset + 1 + length));
      offset += 1 + length;
    }
  }
  throw new RangeError('The name does not end');
}
