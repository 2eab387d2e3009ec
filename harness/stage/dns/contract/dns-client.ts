import { decode, encode, type Answer, type DecodedPacket, type OptAnswer, type RecordType } from 'dns-packet';
import { dial } from '../forward/connection.ts';
import { rcodeName } from '../plugin.ts';
import type { DnsAddress } from './server-under-test.ts';

export interface AskOptions {
  readonly transport?: 'udp' | 'tcp';
  readonly flags?: number;
  /** The size in an OPT record; without it there is none. */
  readonly ednsBytes?: number;
  readonly timeoutMs?: number;
}

export interface Seen {
  /** `no reply` when nothing came, or the connection was refused. */
  readonly rcode: string;
  /** The data of the answer section as text, sorted. */
  readonly data: readonly string[];
  /** Of the first record of the answers or else the authorities; -1 without. */
  readonly ttlS: number;
  readonly hasSoa: boolean;
  readonly packet: DecodedPacket | undefined;
  readonly bytes: number;
}

const recursionDesired = 0x0100;

/** Asks once, with a socket of its own. */
export async function ask(
  to: DnsAddress,
  name: string,
  type: RecordType = 'A',
  options: AskOptions = {},
): Promise<Seen> {
  const { flags = recursionDesired, ednsBytes } = options;
  const id = Math.floor(Math.random() * 0x1_0000);
  const additionals = ednsBytes === undefined ? [] : [opt(ednsBytes)];
  return seen(await send(to, encode({ type: 'query', id, flags, questions: [{ name, type }], additionals }), options));
}

/** Sends any bytes that begin with an id; undefined when nothing comes back. */
export async function send(to: DnsAddress, message: Buffer, options: AskOptions = {}): Promise<Buffer | undefined> {
  const { transport = 'udp', timeoutMs = 3_000 } = options;
  let connection;
  try {
    connection = await dial(transport, to, timeoutMs);
    return await connection.exchange(message, timeoutMs);
  } catch {
    return undefined;
  } finally {
    connection?.close();
  }
}

export function seen(message: Buffer | undefined): Seen {
  if (!message) return { rcode: 'no reply', data: [], ttlS: -1, hasSoa: false, packet: undefined, bytes: 0 };
  const packet = decode(message);
  const [answers = [], authorities = []] = [packet.answers, packet.authorities];
  const first = [...answers, ...authorities][0];
  return {
    rcode: rcodeName((packet.flags ?? 0) & 0xf),
    data: answers.map(text).toSorted(),
    ttlS: first && 'ttl' in first ? (first.ttl ?? -1) : -1,
    hasSoa: authorities.some(({ type }) => type === 'SOA'),
    packet,
    bytes: message.length,
  };
}

function text(record: Answer): string {
  if (record.type === 'SRV') return `${record.data.port} ${record.data.target}`;
  if (record.type === 'OPT' || !('data' in record)) return record.type;
  return typeof record.data === 'string' ? record.data : record.type === 'TXT' ? String(record.data) : record.type;
}

function opt(udpPayloadSize: number): OptAnswer {
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
}
