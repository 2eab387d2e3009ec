import { systemClock } from '../../../core/clock.ts';
import { listen } from '../listen.ts';
import { replyWith, type Query, type Reply } from '../plugin.ts';
import { addressReply } from '../testing/fakes.ts';
import { readQuery, writeReply } from '../wire.ts';
import { freeHost } from './server-under-test.ts';

export type FakeUpstream = Awaited<ReturnType<typeof startUpstream>>;

/** A server that queries are forwarded to. It says what `reply` gives, or nothing; health checks (NS) do not count. */
export async function startUpstream(reply: (query: Query) => Reply | undefined | Promise<Reply>) {
  const host = freeHost();
  const port = 53_053;
  let close: (() => void) | undefined;
  const answer = async (message: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer | undefined> => {
    const query = readQuery(message, transport);
    if (!query || Buffer.isBuffer(query)) return query;
    if (query.type === 'NS') return writeReply(query, replyWith(0));
    upstream.asked.push({ ...query, atMs: systemClock.monotonicMs() });
    const answered = await upstream.reply(query);
    return answered && writeReply(query, answered);
  };
  const upstream = {
    /** `HOST:PORT`. */
    text: `${host}:${port}`,
    reply,
    /** Queries since the start, and when they came. */
    asked: [] as (Query & { readonly atMs: number })[],
    /** From now on connections are refused, and open ones are cut. */
    close: (): void => {
      close?.();
      close = undefined;
    },
    open: async (): Promise<void> => {
      close = await listen(host, port, answer);
    },
  };
  await upstream.open();
  return upstream;
}

/** A good answer: one address under the name that was asked for. */
export function address(data: string, ttl: number): (query: Query) => Reply {
  return ({ name }) => addressReply(name, data, ttl);
}
