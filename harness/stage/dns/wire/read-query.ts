import { decode, type OptAnswer } from 'dns-packet';
import { rcodes, type Query } from '../plugin.ts';
import { writeBare } from './write-reply.ts';

const headerBytes = 12;
/** RFC 1035: what every client takes by UDP; it also stands for smaller sizes in EDNS. */
const minUdpBytes = 512;
/** What the two bytes of length before a message can say. */
const maxTcpBytes = 65_535;
const opcodes = { query: 0, notify: 4 };

/**
 * Reads what came in. A Buffer is the refusal to send back; undefined: say nothing, because it is no query. Which of the three
 * it is follows the Go library under CoreDNS.
 */
export function readQuery(message: Buffer, transport: 'udp' | 'tcp'): Query | Buffer | undefined {
  if (message.length < headerBytes) return undefined;
  const flags = message.readUInt16BE(2);
  if ((flags & 0x8000) !== 0) return undefined;
  const opcode = (flags >> 11) & 0xf;
  if (opcode !== opcodes.query && opcode !== opcodes.notify) return writeBare(message, rcodes.NOTIMP);
  const [questions, ...others] = [4, 6, 8, 10].map((offset) => message.readUInt16BE(offset));
  const mostOthers = [1, 1, 2];
  if (questions !== 1 || others.some((count, index) => count > (mostOthers[index] ?? 0))) {
    return writeBare(message, rcodes.FORMERR);
  }
  try {
    return decodeQuery(message, transport);
  } catch {
    return writeBare(message, rcodes.FORMERR);
  }
}

function decodeQuery(message: Buffer, transport: 'udp' | 'tcp'): Query {
  const question = message.subarray(headerBytes, questionEnd(message));
  const decoded = decode(message);
  const name = decoded.questions?.[0]?.name ?? '.';
  const edns = decoded.additionals?.findLast((record): record is OptAnswer => record.type === 'OPT');
  const udpBytes = Math.max(minUdpBytes, edns?.udpPayloadSize ?? 0);
  return {
    id: message.readUInt16BE(0),
    opcode: (message.readUInt16BE(2) >> 11) & 0xf,
    name,
    key: name.toLowerCase(),
    type: decoded.questions?.[0]?.type ?? '',
    isClassIn: question.readUInt16BE(question.length - 2) === 1,
    question,
    transport,
    maxBytes: transport === 'tcp' ? maxTcpBytes : udpBytes,
    recursionDesired: decoded.flag_rd,
    checkingDisabled: decoded.flag_cd,
    authenticData: decoded.flag_ad,
    edns,
  };
}

/** Where the only question ends. Throws when it is cut short or compressed: there is nothing before it to point at. */
function questionEnd(message: Buffer): number {
  let offset = headerBytes;
  for (let length = message.readUInt8(offset); length !== 0; length = message.readUInt8(offset)) {
    if (length > 63) throw new RangeError('The question is compressed');
    offset += length + 1;
  }
  const end = offset + 5;
  if (end > message.length) throw new RangeError('The question is cut short');
  return end;
}
