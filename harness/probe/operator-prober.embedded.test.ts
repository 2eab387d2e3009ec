import { expect, it } from 'vitest';
import { systemClock } from '../core/clock.ts';
import { poll } from '../core/poll.ts';
import { openProberClient } from './prober-client.ts';
import { startOperatorProber } from './operator-prober.ts';

it('is a prober on this machine, until it is closed', async () => {
  const prober = await startOperatorProber();
  const client = openProberClient(prober.url, () => systemClock.monotonicMs());
  expect(await client.clock()).toMatchObject({ session: expect.any(String) as string });
  prober.close();
  const isGone = async (): Promise<true | undefined> => {
    try {
      await client.clock();
      return undefined;
    } catch {
      return true;
    }
  };
  await poll(isGone, { clock: systemClock, intervalMs: 20, timeoutMs: 5_000, what: 'the prober to be gone' });
  client.close();
});
