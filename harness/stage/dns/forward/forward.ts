import { messageOf } from '../../../core/errors.ts';
import { rcodes, Unanswered, type Handler, type PluginContext, type Query, type Reply } from '../plugin.ts';
import type { ForwardSettings } from './settings.ts';
import { Upstream } from './upstream.ts';

/** No new try begins later than this (CoreDNS). */
const deadlineMs = 5_000;
/** CoreDNS tries again at once; this leaves some of the processor to others and is not seen in the latency. */
const retryPauseMs = 2;

/** Sends queries to other servers. What gets no answer there rejects, and so is not cached. */
export function forwarder(
  settings: ForwardSettings,
  context: Pick<PluginContext, 'clock' | 'metrics' | 'random'>,
  upstreams: readonly Pick<Upstream, 'ask' | 'check' | 'isDown'>[] = settings.upstreams.map(
    (address) => new Upstream(address, settings, context),
  ),
): Handler {
  const { clock, random } = context;
  const metrics = context.metrics.forward;
  const { failfast, maxConcurrent } = settings;
  let concurrent = 0;

  /** One upstream after the other, again and again, until one answers, all are known to be down, or time is up. */
  const ask = async (query: Query): Promise<Reply> => {
    const endMs = clock.monotonicMs() + deadlineMs;
    const ranked = upstreams.map((upstream) => ({ upstream, rank: random.next() }));
    const order = ranked.toSorted((one, other) => one.rank - other.rank).map(({ upstream }) => upstream);
    let problem = 'no healthy proxies';
    for (let tries = 0; clock.monotonicMs() < endMs; tries++) {
      const healthy = order.filter(({ isDown }) => !isDown);
      const areAllDown = healthy.length === 0;
      if (areAllDown) metrics.healthcheckBroken.inc();
      if (areAllDown && failfast) break;
      // The checks may be wrong, so one that is down is tried once.
      const upstream = areAllDown ? order[0] : healthy[tries % healthy.length];
      try {
        if (upstream) return await upstream.ask(query);
      } catch (thrown) {
        problem = messageOf(thrown);
        void upstream?.check();
      }
      if (areAllDown) break;
      await clock.sleep(retryPauseMs);
    }
    throw new Unanswered(rcodes.SERVFAIL, problem);
  };

  return async (query) => {
    if (maxConcurrent > 0 && concurrent >= maxConcurrent) {
      metrics.maxConcurrentRejects.inc();
      throw new Unanswered(rcodes.REFUSED, `concurrent queries exceeded maximum ${maxConcurrent}`);
    }
    concurrent += 1;
    try {
      return await ask(query);
    } finally {
      concurrent -= 1;
    }
  };
}
