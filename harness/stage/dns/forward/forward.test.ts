import { describe, expect, it } from 'vitest';
import { dnsMetrics } from '../../metrics/dns-metrics.ts';
import { rcodes, Unanswered } from '../plugin.ts';
import { addressReply, fakeClock, queryFor } from '../testing/fakes.ts';
import { forwarder } from './forward.ts';
import type { ForwardSettings } from './settings.ts';

const query = queryFor('www.example.org');
const settings: ForwardSettings = {
  upstreams: [],
  forceTcp: false,
  maxFails: 2,
  healthCheck: { intervalMs: 500, domain: '.' },
  failfast: false,
  maxConcurrent: 0,
};
const answer = addressReply('www.example.org', '192.0.2.1', 60);

interface Fake {
  readonly isDown: boolean;
  /** How long it takes to fail; undefined: it answers. */
  readonly failsAfterMs?: number;
  asked: number;
  checks: number;
}

function rig(fakes: Partial<Fake>[], overrides: Partial<ForwardSettings> = {}) {
  const clock = fakeClock();
  const metrics = dnsMetrics('0');
  const upstreams = fakes.map((fake): Fake => ({ isDown: false, asked: 0, checks: 0, ...fake }));
  const asUpstreams = upstreams.map((fake) => ({
    isDown: fake.isDown,
    ask: async () => {
      fake.asked += 1;
      await Promise.resolve();
      if (fake.failsAfterMs === undefined) return answer;
      clock.advance(fake.failsAfterMs);
      throw new Error('connection refused');
    },
    check: async () => {
      fake.checks += 1;
      await Promise.resolve();
    },
  }));
  const context = { clock, metrics, random: { next: () => 0 } };
  return { clock, metrics, upstreams, handle: forwarder({ ...settings, ...overrides }, context, asUpstreams) };
}

describe('forward', () => {
  it('goes to the next upstream when one fails, and has that one checked', async () => {
    const { handle, upstreams } = rig([{ failsAfterMs: 1 }, {}]);
    expect((await handle(query)).rcode).toBe(rcodes.NOERROR);
    expect(upstreams.map(({ asked, checks }) => [asked, checks])).toEqual([
      [1, 1],
      [1, 0],
    ]);
  });

  it('passes over upstreams that are down', async () => {
    const { handle, upstreams } = rig([{ isDown: true }, {}]);
    await handle(query);
    expect(upstreams.map(({ asked }) => asked)).toEqual([0, 1]);
  });

  it('tries for 5 s, three times when every try takes 2 s', async () => {
    const { handle, upstreams, clock } = rig([{ failsAfterMs: 2_000 }]);
    await expect(handle(query)).rejects.toEqual(new Unanswered(rcodes.SERVFAIL, 'connection refused'));
    expect(upstreams[0]?.asked).toBe(3);
    expect(clock.monotonicMs()).toBeGreaterThan(6_000);
  });

  it('with all upstreams down tries one of them once, since the checks may be wrong', async () => {
    const { handle, upstreams, metrics } = rig([{ isDown: true, failsAfterMs: 1 }, { isDown: true }]);
    await expect(handle(query)).rejects.toThrow('connection refused');
    expect(upstreams.map(({ asked }) => asked)).toEqual([1, 0]);
    expect((await metrics.exposition()).body).toContain('coredns_forward_healthcheck_broken_total 1');
  });

  it('with failfast asks nobody when all upstreams are down', async () => {
    const { handle, upstreams } = rig([{ isDown: true }, { isDown: true }], { failfast: true });
    await expect(handle(query)).rejects.toEqual(new Unanswered(rcodes.SERVFAIL, 'no healthy proxies'));
    expect(upstreams.map(({ asked }) => asked)).toEqual([0, 0]);
  });

  it('has no more queries under way than it may, and counts what it refuses', async () => {
    const { handle, metrics } = rig([{}], { maxConcurrent: 1 });
    const [first, second] = await Promise.allSettled([handle(query), handle(query)]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ reason: { rcode: rcodes.REFUSED } });
    await expect(handle(query)).resolves.toMatchObject({ rcode: rcodes.NOERROR });
    expect((await metrics.exposition()).body).toContain('coredns_forward_max_concurrent_rejects_total 1');
  });
});
