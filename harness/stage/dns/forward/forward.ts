import { messageOf } from '../../../core/errors.ts';
import type { Random } from '../../../core/random.ts';
import { bare, isWithin, rcodes, Unanswered, type Handler, type Query, type Reply } from '../plugin.ts';
import type { ForwardSettings } from './settings.ts';
import { Upstream, type UpstreamContext } from './upstream.ts';

/** No new try begins later than this (CoreDNS). */
const deadlineMs = 5_000;
/** CoreDNS tries again at once; this leaves some of the processor to others and is not seen in the latency. */
const retryPauseMs = 2;

export interface ForwardContext extends UpstreamContext {
  readonly random: Pick<Random, 'next'>;
}

/** Sends queries to other servers. What gets no answer there rejects, and so is not cached. */
export class Forward {
  readonly #settings: ForwardSettings;
  readonly #context: ForwardContext;
  readonly #next: Handler;
  readonly #upstreams: readonly Upstream[];
  #concurrent = 0;

  constructor(
    settings: ForwardSettings,
    context: ForwardContext,
    next: Handler,
    upstreams: readonly Upstream[] = settings.upstreams.map((address) => new Upstream(address, settings, context)),
  ) {
    this.#settings = settings;
    this.#context = context;
    this.#next = next;
    this.#upstreams = upstreams;
  }

  readonly handle: Handler = async (query) => {
    const { zone, exceptZones, maxConcurrent } = this.#settings;
    const isExcepted = query.key !== zone && exceptZones.some((except) => isWithin(except, query.key));
    if (!isWithin(zone, query.key) || isExcepted) return await this.#next(query);
    if (maxConcurrent > 0 && this.#concurrent >= maxConcurrent) {
      this.#context.metrics.maxConcurrentRejects.inc();
      throw new Unanswered(rcodes.REFUSED, `concurrent queries exceeded maximum ${maxConcurrent}`);
    }
    this.#concurrent += 1;
    try {
      return await this.#ask(query);
    } finally {
      this.#concurrent -= 1;
    }
  };

  stop(): void {
    for (const upstream of this.#upstreams) upstream.stop();
  }

  /** One upstream after the other, again and again, until one answers, all are known to be down, or time is up. */
  async #ask(query: Query): Promise<Reply> {
    const { clock, metrics } = this.#context;
    const endMs = clock.monotonicMs() + deadlineMs;
    const order = this.#order();
    let problem = 'no healthy proxies';
    let down = 0;
    for (let tries = 0; clock.monotonicMs() < endMs; tries++) {
      if (tries % order.length === 0) down = 0;
      let upstream = order[tries % order.length];
      if (upstream?.isDown === true) {
        down += 1;
        if (down < order.length) continue;
        metrics.healthcheckBroken.inc();
        if (this.#settings.failfast) break;
        upstream = this.#order()[0];
      }
      if (!upstream) break;
      try {
        const { reply, key, type } = await upstream.ask(query);
        return key === query.key && type === query.type ? reply : { ...bare(rcodes.FORMERR), plugin: 'forward' };
      } catch (thrown) {
        problem = messageOf(thrown);
        upstream.check();
        if (down === order.length) break;
        await clock.sleep(retryPauseMs);
      }
    }
    throw new Unanswered(rcodes.SERVFAIL, problem);
  }

  #order(): Upstream[] {
    if (this.#settings.policy === 'sequential') return [...this.#upstreams];
    return this.#upstreams
      .map((upstream) => ({ upstream, rank: this.#context.random.next() }))
      .toSorted((one, other) => one.rank - other.rank)
      .map(({ upstream }) => upstream);
  }
}
