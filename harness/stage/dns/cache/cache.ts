import type { Clock } from '../../../core/clock.ts';
import type { DnsMetrics } from '../../metrics/dns-metrics.ts';
import { isWithin, longestZone, rcodes, type Handler, type Query, type Reply } from '../plugin.ts';
import { classify, smallestTtlS } from './classify.ts';
import { remainingS, ReplyStore, withTtl, type Entry } from './reply-store.ts';
import type { CacheSettings, StoreSettings } from './settings.ts';

export interface CacheContext {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly metrics: DnsMetrics['cache'];
  /** The label `server` of the metrics. */
  readonly server: string;
}

type StoreName = 'success' | 'denial';

/**
 * CoreDNS's cache as it was up to 1.14.3, with what it does wrong: negative answers are looked up first, and so a SERVFAIL that
 * came in behind a stale answer hides that answer; and what is kept while a stale entry is refreshed is not held against `disable`.
 */
export class Cache {
  readonly #settings: CacheSettings;
  readonly #context: CacheContext;
  readonly #next: Handler;
  readonly #stores: Readonly<Record<StoreName, ReplyStore>>;
  readonly #labels: { server: string; zones: string; view: string };

  constructor(settings: CacheSettings, context: CacheContext, next: Handler) {
    this.#settings = settings;
    this.#context = context;
    this.#next = next;
    this.#stores = {
      success: new ReplyStore(settings.success.capacity),
      denial: new ReplyStore(settings.denial.capacity),
    };
    const zones = settings.zones.map((zone) => (zone === '.' ? zone : `${zone}.`)).join(',');
    this.#labels = { server: context.server, zones, view: '' };
  }

  readonly handle: Handler = async (query) => {
    if (longestZone(this.#settings.zones, query.key) === undefined) return await this.#next(query);
    const nowMs = this.#context.clock.monotonicMs();
    const entry = this.#lookUp(keyOf(query), nowMs);
    if (!entry) return this.#keep(query, await this.#next(query));
    const ttlS = remainingS(entry, nowMs);
    if (ttlS >= 0) return fromCache(query, entry, ttlS);
    const verified = this.#settings.verify ? await this.#verify(query) : this.#refresh(query);
    if (verified) return verified;
    this.#context.metrics.servedStale.inc(this.#labels);
    return fromCache(query, entry, 0);
  };

  #lookUp(key: string, nowMs: number): Entry | undefined {
    const { metrics } = this.#context;
    metrics.requests.inc(this.#labels);
    for (const type of ['denial', 'success'] as const) {
      const entry = this.#stores[type].get(key);
      if (!entry) continue;
      const ttlS = remainingS(entry, nowMs);
      if (ttlS > 0 || -ttlS < this.#settings.staleS) {
        metrics.hits.inc({ ...this.#labels, type });
        return entry;
      }
    }
    metrics.misses.inc(this.#labels);
    return undefined;
  }

  /** Asks while the client waits; undefined when nothing came that may replace the stale entry (RFC 8767, section 4). */
  async #verify(query: Query): Promise<Reply | undefined> {
    const reply = await this.#next(query).catch(() => undefined);
    if (reply?.rcode !== rcodes.NOERROR && reply?.rcode !== rcodes.NXDOMAIN) return undefined;
    return this.#keep(query, reply, { ignoreExceptions: true });
  }

  /** Asks after the client got the stale answer, as a TCP client would, and keeps whatever comes. */
  #refresh(query: Query): undefined {
    this.#context.metrics.prefetches.inc(this.#labels);
    const keep = (reply: Reply): void => {
      this.#keep(query, reply, { ignoreExceptions: true });
      if (classify(reply, query) === 'success') this.#stores.denial.delete(keyOf(query));
    };
    this.#next({ ...query, transport: 'tcp' }).then(keep, () => undefined);
  }

  /** Keeps the reply if it may be kept. Gives it with the TTL that it is kept for. */
  #keep(query: Query, reply: Reply, { ignoreExceptions = false } = {}): Reply {
    const replyClass = classify(reply, query);
    const type = replyClass === 'success' ? 'success' : 'denial';
    const limits = replyClass === 'denial' ? this.#settings.denial : this.#settings.success;
    const ttlS =
      replyClass === 'server-error' ? this.#settings.failureTtlS : clampTtl(smallestTtlS(reply, replyClass), limits);
    const excepted = this.#settings[type].exceptZones.some((zone) => isWithin(zone, query.key));
    if (ttlS > 0 && replyClass !== 'other' && !reply.truncated && (ignoreExceptions || !excepted)) {
      this.#add(type, keyOf(query), { reply, ttlS, storedMs: this.#context.clock.monotonicMs() });
    }
    return forClient(query, reply, Math.floor(ttlS));
  }

  #add(type: StoreName, key: string, entry: Entry): void {
    const { metrics } = this.#context;
    if (this.#stores[type].add(key, entry)) metrics.evictions.inc({ ...this.#labels, type });
    for (const each of ['success', 'denial'] as const) {
      metrics.entries.set({ ...this.#labels, type: each }, this.#stores[each].size);
    }
  }
}

function keyOf({ key, type, edns, checkingDisabled }: Query): string {
  return `${type} ${edns?.flag_do === true ? 1 : 0}${checkingDisabled ? 1 : 0} ${key}`;
}

function clampTtl(ttlS: number, { minTtlS, maxTtlS }: StoreSettings): number {
  return Math.min(Math.max(ttlS, minTtlS), maxTtlS);
}

/** What comes from the cache is always called authoritative: old resolvers discard it otherwise. */
function fromCache(query: Query, { reply }: Entry, ttlS: number): Reply {
  return { ...forClient(query, reply, ttlS), authoritative: true, plugin: 'cache' };
}

/** RFC 6840: only who asked for it is told that the data are authentic. */
function forClient({ authenticData, edns }: Query, reply: Reply, ttlS: number): Reply {
  const wantsAuthentic = authenticData || edns?.flag_do === true;
  return { ...withTtl(reply, ttlS), authenticData: reply.authenticData && wantsAuthentic };
}
