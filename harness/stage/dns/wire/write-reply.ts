import { encode, type Answer, type OptAnswer, type PacketOpt } from 'dns-packet';
import type { Query, Reply } from '../plugin.ts';
import { fit } from './fit.ts';

const headerBytes = 12;
const bits = { response: 0x8000, authoritative: 0x0400, truncated: 0x0200, recursionAvailable: 0x0080 };
const requestBits = { recursionDesired: 0x0100, authenticData: 0x0020, checkingDisabled: 0x0010 };
/** NSID, EXPIRE, COOKIE, TCP_KEEPALIVE and PADDING: the options that CoreDNS repeats; others are left out. */
const repeatedOptions = [3, 9, 10, 11, 12];

/** The message for the client: with its question, an OPT record if it sent one, and as much as it takes. */
export function writeReply(query: Query, reply: Reply): Buffer {
  const flags =
    (query.opcode << 11) |
    (reply.authoritative ? bits.authoritative : 0) |
    (reply.truncated ? bits.truncated : 0) |
    (reply.recursionAvailable ? bits.recursionAvailable : 0) |
    (reply.authenticData ? requestBits.authenticData : 0) |
    (query.recursionDesired ? requestBits.recursionDesired : 0) |
    (query.checkingDisabled ? requestBits.checkingDisabled : 0) |
    (reply.rcode & 0xf);
  const additionals: Answer[] = [...reply.additionals, ...(query.edns ? [repeatedOpt(query.edns, reply.rcode)] : [])];
  const answers = [...reply.answers];
  const authorities = [...reply.authorities];
  const rest = encode({ type: 'response', id: query.id, flags, questions: [], answers, authorities, additionals });
  return fit(withQuestion(rest, query.question), query.maxBytes, query.transport);
}

/** The query as we ask it of somebody else. */
export function writeQuery(id: number, query: Query): Buffer {
  const flags =
    (query.opcode << 11) |
    (query.recursionDesired ? requestBits.recursionDesired : 0) |
    (query.authenticData ? requestBits.authenticData : 0) |
    (query.checkingDisabled ? requestBits.checkingDisabled : 0);
  const additionals = query.edns ? [query.edns] : [];
  return withQuestion(encode({ type: 'query', id, flags, additionals }), query.question);
}

/** An answer to what cannot be read: the header with a response code, and nothing else. */
export function writeBare(request: Buffer, rcode: number): Buffer {
  const header = Buffer.alloc(headerBytes);
  request.copy(header, 0, 0, 4);
  const kept = request.readUInt16BE(2) & ~(bits.authoritative | 0xf);
  header.writeUInt16BE(bits.response | kept | rcode, 2);
  return header;
}

function withQuestion(message: Buffer, question: Buffer): Buffer {
  message.writeUInt16BE(1, 4);
  return Buffer.concat([message.subarray(0, headerBytes), question, message.subarray(headerBytes)]);
}

function repeatedOpt(asked: OptAnswer, rcode: number): OptAnswer {
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: asked.udpPayloadSize,
    extendedRcode: rcode >> 4,
    ednsVersion: 0,
    flags: asked.flags & 0xff00,
    flag_do: asked.flag_do,
    options: asked.options.filter(({ code }: PacketOpt) => repeatedOptions.includes(code)),
  };
}
