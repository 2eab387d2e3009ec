import { describe, expect, it } from 'vitest';
import { dnsMetrics } from '../../metrics/dns-metrics.ts';
import { parseCorefile } from '../corefile.ts';
import { rcodes, replyWith, Unanswered, type Reply } from '../plugin.ts';
import { addressReply, fakeClock, queryFor, soaReply, type FakeClock } from '../testing/fakes.ts';
import { Cache } from './cache.ts';
import { cacheSettings } from './settings.ts';

const name = 'model.example.org';
const good = addressReply(name, '192.0.2.1', 300);
const silence = new Unanswered(rcodes.SERVFAIL, 'no answer');
const servfail = soaReply(rcodes.SERVFAIL, 60);

interface Rig {
  readonly clock: FakeClock;
  /** What the upstream says from now on. */
  upstream: Reply | Error;
  /** How often it was asked. */
  asked: number;
  readonly metrics: ReturnType<typeof dnsMetrics>;
  /** `RCODE TTL`, with `STALE` when the metrics say so. */
  readonly ask: (host?: string) => Promise<string>;
}

function rig(...options: string[]): Rig {
  const [directive] = parseCorefile(`.:53 {\ncache {\n${options.join('\n')}\n}\n}`, {}).plugins;
  if (!directive) throw new Error('no directive');
  const clock = fakeClock();
  const metrics = dnsMetrics('0');
  const made: Rig = {
    clock,
    upstream: good,
    asked: 0,
    metrics,
    ask: async (host = name) => {
      const reply = await cache.handle(queryFor(host));
      // What goes on behind the answer is over before the next question.
      await new Promise((resolve) => setImmediate(resolve));
      return `${reply.rcode} ${[...reply.answers, ...reply.authorities][0]?.ttl ?? '-'}`;
    },
  };
  const context = { clock, metrics, server: 'dns://:53', zone: '.' };
  const cache = new Cache(cacheSettings(directive), context, async () => {
    made.asked += 1;
    await Promise.resolve();
    if (made.upstream instanceof Error) throw made.upstream;
    return made.upstream;
  });
  return made;
}

describe('an entry', () => {
  it('is held as long as minimum and maximum say, to the millisecond', async () => {
    const made = rig('success 9984 20 20');
    expect(await made.ask()).toBe('0 20');
    made.clock.advance(19_999);
    expect(await made.ask()).toBe('0 1');
    made.upstream = silence;
    made.clock.advance(1);
    await expect(made.ask()).rejects.toThrow('no answer');
  });

  it.each([
    ['the maximum', 300, 'success 9984 20 5', '0 20'],
    ['the minimum', 1, 'success 9984 20 5', '0 5'],
    ['its own', 7, 'success 9984 20 5', '0 7'],
    ['the default minimum', 1, 'servfail 5s', '0 5'],
    ['the default maximum', 7_200, 'servfail 5s', '0 3600'],
  ])('has %s as its TTL', async (_, ttl, option, seen) => {
    const made = rig(option);
    made.upstream = addressReply(name, '192.0.2.1', ttl);
    expect(await made.ask()).toBe(seen);
  });

  it('goes when a full cache needs room: the oldest first', async () => {
    const made = rig('success 0');
    for (let index = 0; index <= 1_024; index++) await made.ask(`h${index}.example.org`);
    await made.ask('h1.example.org');
    expect(made.asked).toBe(1_025);
    await made.ask('h0.example.org');
    expect(made.asked).toBe(1_026);
  });

  it('is shared between spellings of a name, and not between names', async () => {
    const made = rig();
    await made.ask();
    await made.ask('MODEL.example.org');
    expect(made.asked).toBe(1);
    await made.ask('other.example.org');
    expect(made.asked).toBe(2);
  });
});

describe('a negative answer', () => {
  it('is kept for the SOA record, within the limits of denial', async () => {
    const made = rig('denial 9984 10 3');
    made.upstream = soaReply(rcodes.NXDOMAIN, 60);
    expect(await made.ask()).toBe('3 10');
    made.clock.advance(9_999);
    expect(await made.ask()).toBe('3 1');
    made.clock.advance(1);
    await made.ask();
    expect(made.asked).toBe(2);
  });

  it.each([
    ['an NXDOMAIN without SOA', replyWith(rcodes.NXDOMAIN)],
    ['REFUSED', soaReply(rcodes.REFUSED, 60)],
    ['a truncated answer', { ...good, truncated: true }],
  ])('%s is not kept', async (_, upstream) => {
    const made = rig();
    made.upstream = upstream;
    await made.ask();
    await made.ask();
    expect(made.asked).toBe(2);
  });

  it('SERVFAIL is kept for 5 s, or as servfail says; an upstream that is silent never', async () => {
    const made = rig();
    made.upstream = servfail;
    expect(await made.ask()).toBe('2 5');
    made.clock.advance(4_999);
    expect(await made.ask()).toBe('2 1');
    const off = rig('servfail 0');
    off.upstream = servfail;
    expect([await off.ask(), await off.ask()]).toEqual(['2 0', '2 0']);
    expect(off.asked).toBe(2);
    const silent = rig();
    silent.upstream = silence;
    for (const _ of [1, 2]) await expect(silent.ask()).rejects.toThrow(Unanswered);
    expect(silent.asked).toBe(2);
  });

  it('hides a positive one: it is looked up first', async () => {
    const made = rig('success 9984 60 60', 'denial 9984 60 60', 'serve_stale 1h verify');
    made.upstream = soaReply(rcodes.NXDOMAIN, 60);
    await made.ask();
    made.clock.advance(61_000);
    made.upstream = good;
    expect(await made.ask()).toBe('0 60');
    made.upstream = silence;
    expect(await made.ask()).toBe('3 0');
  });
});

describe('disable', () => {
  it('keeps what is of other zones', async () => {
    const made = rig('disable success cluster.local', 'disable denial cluster.local');
    for (const upstream of [good, soaReply(rcodes.NXDOMAIN, 60)]) {
      made.upstream = upstream;
      const before = made.asked;
      for (const _ of [1, 2]) await made.ask(`a${before}.cluster.local`);
      expect(made.asked).toBe(before + 2);
      for (const _ of [1, 2]) await made.ask(`a${before}.notcluster.local`);
      expect(made.asked).toBe(before + 3);
    }
  });
});

describe('serve_stale', () => {
  it.each(['verify', 'immediate'])('%s: the last second reads 0 and is fresh; then answers are stale', async (mode) => {
    const made = rig('success 9984 20 20', `serve_stale 1h ${mode}`);
    await made.ask();
    made.upstream = silence;
    made.clock.advance(20_999);
    expect(await made.ask()).toBe('0 0');
    expect(made.asked).toBe(1);
    made.clock.advance(1);
    expect(await made.ask()).toBe('0 0');
    expect(made.asked).toBe(2);
    expect((await made.metrics.exposition()).body).toMatch(/coredns_cache_served_stale_total\{.*zones="\.".*\} 1/);
  });

  it.each(['verify', 'immediate'])('%s: ends with its duration', async (mode) => {
    const made = rig('success 9984 20 20', `serve_stale 10s ${mode}`);
    await made.ask();
    made.upstream = silence;
    made.clock.advance(29_999);
    expect(await made.ask()).toBe('0 0');
    made.clock.advance(1);
    await expect(made.ask()).rejects.toThrow('no answer');
  });

  it('immediate: gives one stale answer; the SERVFAIL that was fetched behind it hides the good entry', async () => {
    const made = rig('success 9984 20 20', 'serve_stale');
    await made.ask();
    made.upstream = servfail;
    made.clock.advance(21_000);
    expect([await made.ask(), await made.ask()]).toEqual(['0 0', '2 5']);
    made.clock.advance(30_000);
    // Stale too by now, and still in front.
    expect(await made.ask()).toBe('2 0');
    made.upstream = good;
    made.clock.advance(6_000);
    expect([await made.ask(), await made.ask()]).toEqual(['2 0', '0 20']);
  });

  it('verify: a SERVFAIL is thrown away, and every query asks again', async () => {
    const made = rig('success 9984 20 20', 'serve_stale 1h verify');
    await made.ask();
    made.upstream = servfail;
    made.clock.advance(21_000);
    expect([await made.ask(), await made.ask()]).toEqual(['0 0', '0 0']);
    expect(made.asked).toBe(3);
    made.upstream = good;
    expect(await made.ask()).toBe('0 20');
  });

  it.each(['verify', 'immediate'])('%s: NXDOMAIN replaces what was good, even if denial is disabled', async (mode) => {
    const made = rig('success 9984 20 20', 'disable denial', `serve_stale 1h ${mode}`);
    await made.ask();
    made.upstream = soaReply(rcodes.NXDOMAIN, 60);
    made.clock.advance(21_000);
    await made.ask();
    made.upstream = silence;
    expect(await made.ask()).toMatch(/^3 /);
  });
});
