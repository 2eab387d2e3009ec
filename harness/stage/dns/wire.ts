import {
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
  type Answer,
  type DecodedPacket,
} from 'dns-packet';
import { rcodes, replyWith, type Query, type Reply, type ResourceRecord } from './plugin.ts';

const headerBytes = 12;
const responseBit = 0x8000;
/** By UDP what every client takes (RFC 1035), by TCP what the two bytes of length before a message can say. */
const maxBytes = { udp: 512, tcp: 65_535 };
/** A compressed name: the one in the question. */
const questionPointer = Buffer.from([0xc0, headerBytes]);

/**
 * Reads what came in. A Buffer is the refusal to send back; undefined: say nothing, because it is no query. Which of
 * the three it is follows the Go library under CoreDNS.
 */
export function readQuery(message: Buffer, transport: 'udp' | 'tcp'): Query | Buffer | undefined {
  if (message.length < headerBytes) return undefined;
  const flags = message.readUInt16BE(2);
  if ((flags & responseBit) !== 0) return undefined;
  if (((flags >> 11) & 0xf) !== 0) return refusal(message, rcodes.NOTIMP);
  if (message.readUInt16BE(4) !== 1) return refusal(message, rcodes.FORMERR);
  try {
    return queryOf(decode(message), message, transport);
  } catch {
    return refusal(message, rcodes.FORMERR);
  }
}

function queryOf(decoded: DecodedPacket, message: Buffer, transport: 'udp' | 'tcp'): Query | Buffer {
  const { questions = [] } = decoded;
  const [asked] = questions;
  const question = encode({ questions }).subarray(headerBytes);
  // A compressed name has nothing to point at yet, and bytes that are no text could not be repeated.
  const isPlain = message.subarray(headerBytes, headerBytes + question.length).equals(question);
  if (!asked || !isPlain) return refusal(message, rcodes.FORMERR);
  if (asked.class !== 'IN') return refusal(message, rcodes.REFUSED);
  return {
    id: message.readUInt16BE(0),
    name: asked.name,
    key: asked.name.toLowerCase(),
    type: asked.type,
    question,
    transport,
    recursionDesired: decoded.flag_rd,
  };
}

/** An answer to what is not looked at any further: the header with a response code, and nothing else. */
function refusal(request: Buffer, rcode: number): Buffer {
  const flags = (request.readUInt16BE(2) & ~(AUTHORITATIVE_ANSWER | 0xf)) | rcode;
  return encode({ type: 'response', id: request.readUInt16BE(0), flags });
}

/** The message for the client: with its question, and as many records as it takes. */
export function writeReply(query: Query, reply: Reply): Buffer {
  const { question } = query;
  let free = maxBytes[query.transport] - headerBytes - question.length;
  // Below zero it stays there: what comes after the first record that has no room is left out too.
  const fitting = (records: readonly Answer[]): Buffer[] =>
    records.map((record) => recordBytes(record, question)).filter(({ length }) => (free -= length) >= 0);
  const answers = fitting(reply.answers);
  const authorities = fitting(reply.authorities);
  const flags =
    (reply.authoritative ? AUTHORITATIVE_ANSWER : 0) |
    (reply.truncated || free < 0 ? TRUNCATED_RESPONSE : 0) |
    (query.recursionDesired ? RECURSION_DESIRED : 0) |
    (reply.recursionAvailable ? RECURSION_AVAILABLE : 0) |
    (reply.rcode & 0xf);
  const header = encode({ type: 'response', id: query.id, flags });
  const counts = [1, answers.length, authorities.length];
  counts.forEach((count, index) => header.writeUInt16BE(count, 4 + 2 * index));
  return Buffer.concat([header, question, ...answers, ...authorities]);
}

/** A record; its name is compressed when it is that of the question, as most are. */
function recordBytes(record: Answer, question: Buffer): Buffer {
  const bytes = encode({ answers: [record] }).subarray(headerBytes);
  const name = question.subarray(0, -4);
  const isAsked = name.length > 1 && bytes.subarray(0, name.length).equals(name);
  return isAsked ? Buffer.concat([questionPointer, bytes.subarray(name.length)]) : bytes;
}

/** The query as we ask it of somebody else, with an id of its own. */
export function writeQuery({ question, recursionDesired }: Query): Buffer {
  const flags = recursionDesired ? RECURSION_DESIRED : 0;
  const header = encode({ type: 'query', id: Math.floor(Math.random() * 0x1_0000), flags });
  header.writeUInt16BE(1, 4);
  return Buffer.concat([header, question]);
}

/** What an upstream answered; FORMERR when that is about another question. Throws when it is no message. */
export function readReply(message: Buffer, query: Query): Reply {
  const decoded = decode(message);
  const [question] = decoded.questions ?? [];
  const isAsked = question?.name.toLowerCase() === query.key && question.type === query.type;
  if (!isAsked) return replyWith(rcodes.FORMERR, { plugin: 'forward' });
  return {
    rcode: (decoded.flags ?? 0) & 0xf,
    authoritative: decoded.flag_aa,
    recursionAvailable: decoded.flag_ra,
    truncated: decoded.flag_tc,
    answers: withoutOpt(decoded.answers),
    authorities: withoutOpt(decoded.authorities),
    plugin: 'forward',
  };
}

function withoutOpt(records: readonly Answer[] = []): ResourceRecord[] {
  return records.filter((record): record is ResourceRecord => record.type !== 'OPT');
}
