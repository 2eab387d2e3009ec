import { poll } from '../../../core/poll.ts';
import { systemClock } from '../../../core/clock.ts';
import { ask, type Seen } from './dns-client.ts';
import type { DnsAddress } from './server-under-test.ts';

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
export async function untilAnswered(to: DnsAddress, name: string): Promise<Seen> {
  const attempt = async (): Promise<Seen> => await ask(to, name, 'A', { timeoutMs: 500 });
  return await until('a first answer', attempt, ({ rcode }) => rcode !== 'no reply');
}
