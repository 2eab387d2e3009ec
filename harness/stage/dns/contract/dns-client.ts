import { decode, encode, RECURSION_DESIRED, type RecordType } from 'dns-packet';
import { systemClock } from '../../../core/clock.ts';
import { poll } from '../../../core/poll.ts';
import { dial, type UpstreamAddress } from '../forward/connection.ts';
import { rcodeName } from '../plugin.ts';

interface AskOptions {
  readonly transport?: 'udp' | 'tcp';
  readonly flags?: number;
  readonly timeoutMs?: number;
}

export type Seen = ReturnType<typeof seen>;

/** Asks once, with a socket of its own. */
export async function ask(
  to: UpstreamAddress,
  name: string,
  type: RecordType = 'A',
  options: AskOptions = {},
): Promise<Seen> {
  const { flags = RECURSION_DESIRED } = options;
  return seen(await send(to, encode({ type: 'query', id: 1, flags, questions: [{ name, type }] }), options));
}

/** Sends any bytes that begin with an id; undefined when nothing comes back. */
export async function send(
  to: UpstreamAddress,
  message: Buffer,
  { transport = 'udp', timeoutMs = 3_000 }: AskOptions = {},
): Promise<Buffer | undefined> {
  let connection;
  try {
    connection = await dial(transport, to);
    return await connection.exchange(message, timeoutMs);
  } catch {
    return undefined;
  } finally {
    connection?.close();
  }
}

export function seen(message: Buffer | undefined) {
  const packet = message && decode(message);
  const { answers = [], authorities = [] } = packet ?? {};
  const [first] = [...answers, ...authorities];
  return {
    /** `no reply` when nothing came, or the connection was refused. */
    rcode: packet ? rcodeName((packet.flags ?? 0) & 0xf) : 'no reply',
    /** The data of the answer section as text, sorted. */
    data: answers.flatMap((one) => ('data' in one && typeof one.data === 'string' ? one.data : [])).toSorted(),
    /** Of the first record of the answers or else the authorities; -1 without. */
    ttlS: first && 'ttl' in first ? (first.ttl ?? -1) : -1,
    hasSoa: authorities.some(({ type }) => type === 'SOA'),
    packet,
    bytes: message?.length ?? 0,
  };
}

/** Waits until `isSo` holds for what `attempt` gives. */
export async function until<T>(
  what: string,
  attempt: () => Promise<T>,
  isSo: (value: T) => boolean,
  timeoutMs = 15_000,
): Promise<T> {
  const once = async (): Promise<{ value: T } | undefined> => {
    const value = await attempt();
    return isSo(value) ? { value } : undefined;
  };
  return (await poll(once, { clock: systemClock, intervalMs: 25, timeoutMs, what })).value;
}

/** Waits until the server answers at all; gives the first answer. */
export async function untilAnswered(to: UpstreamAddress, name: string): Promise<Seen> {
  const attempt = async (): Promise<Seen> => await ask(to, name, 'A', { timeoutMs: 500 });
  return await until('a first answer', attempt, ({ rcode }) => rcode !== 'no reply');
}
