import { isWithin, rcodes, zoneLabel } from '../plugin.ts';
import type { Handler, PluginContext, Query, Reply, ResourceRecord } from '../plugin.ts';
import type { CacheSettings } from './settings.ts';

type CacheContext = Pick<PluginContext, 'clock' | 'metrics' | 'server' | 'zone'>;

/** A reply that was kept. */
interface Entry {
  readonly reply: Reply;
  readonly ttlS: number;
  readonly storedMs: number;
}

/** In the order in which they are looked up. */
const storeNames = ['denial', 'success'] as const;
/** The TTL of what carries none, and of failures (CoreDNS). */
const defaultTtlS = 5;
/** No TTL counts for more than an hour. */
const countedTtlS = 3_600;

/**
 * CoreDNS's cache as it was up to 1.14.3, with what it does wrong: negative answers are looked up first, and so a
 * SERVFAIL that came in behind a stale answer hides that answer; and a refresh of a stale entry ignores `disable`.
 */
export class Cache {
  readonly #settings: CacheSettings;
  readonly #clock: PluginContext['clock'];
  readonly #metrics: PluginContext['metrics']['cache'];
  readonly #labels: { server: string; zones: string; view: string };
  readonly #next: Handler;
  readonly #stores = { success: new Map<string, Entry>(), denial: new Map<string, Entry>() };

  constructor(settings: CacheSettings, { clock, metrics, server, zone }: CacheContext, next: Handler) {
    this.#settings = settings;
    this.#clock = clock;
    this.#metrics = metrics.cache;
    this.#labels = { server, zones: zoneLabel(zone), view: '' };
    this.#next = next;
  }

  readonly handle: Handler = async (query) => {
    const nowMs = this.#clock.monotonicMs();
    const entry = this.#lookUp(keyOf(query), nowMs);
    if (!entry) return this.#keep(query, await this.#next(query));
    const ttlS = remainingS(entry, nowMs);
    if (ttlS >= 0) return fromCache(entry, ttlS);
    const verified = this.#settings.verify ? await this.#verify(query) : this.#refresh(query);
    if (verified) return verified;
    this.#metrics.servedStale.inc(this.#labels);
    return fromCache(entry, 0);
  };

  #lookUp(key: string, nowMs: number): Entry | undefined {
    const labels = this.#labels;
    this.#metrics.requests.inc(labels);
    for (const type of storeNames) {
      const entry = this.#stores[type].get(key);
      if (!entry) continue;
      const ttlS = remainingS(entry, nowMs);
      if (ttlS > 0 || -ttlS < this.#settings.staleS) {
        this.#metrics.hits.inc({ ...labels, type });
        return entry;
      }
    }
    this.#metrics.misses.inc(labels);
    return undefined;
  }

  /** Asks while the client waits; undefined when nothing came that may replace the stale entry (RFC 8767, 4). */
  async #verify(query: Query): Promise<Reply | undefined> {
    const reply = await this.#next(query).catch(() => undefined);
    if (reply?.rcode !== rcodes.NOERROR && reply?.rcode !== rcodes.NXDOMAIN) return undefined;
    return this.#keep(query, reply, { ignoreExceptions: true });
  }

  /** Asks after the client got the stale answer, as a TCP client would, and keeps whatever comes. */
  #refresh(query: Query): undefined {
    this.#metrics.prefetches.inc(this.#labels);
    const keep = (reply: Reply): void => {
      this.#keep(query, reply, { ignoreExceptions: true });
      if (classify(reply) === 'success') this.#stores.denial.delete(keyOf(query));
    };
    this.#next({ ...query, transport: 'tcp' }).then(keep, () => undefined);
  }

  /** Keeps the reply if it may be kept. Gives it with the TTL that it is kept for. */
  #keep(query: Query, reply: Reply, { ignoreExceptions = false } = {}): Reply {
    const replyClass = classify(reply);
    const { success, denial, failureTtlS } = this.#settings;
    const { minTtlS, maxTtlS } = replyClass === 'denial' ? denial : success;
    const isFailure = replyClass === 'server-error';
    const ttlS = isFailure ? failureTtlS : Math.min(Math.max(smallestTtlS(reply), minTtlS), maxTtlS);
    const type = replyClass === 'success' ? 'success' : 'denial';
    const isExcepted = !ignoreExceptions && this.#settings[type].exceptZones.some((zone) => isWithin(zone, query.key));
    if (ttlS > 0 && replyClass !== 'other' && !reply.truncated && !isExcepted) {
      this.#add(type, keyOf(query), { reply, ttlS, storedMs: this.#clock.monotonicMs() });
    }
    return withTtl(reply, Math.floor(ttlS));
  }

  /** A full store throws out its oldest entry (CoreDNS: any one of a shard). */
  #add(type: (typeof storeNames)[number], key: string, entry: Entry): void {
    const store = this.#stores[type];
    const [oldest] = store.keys();
    const isFull = store.size >= this.#settings[type].capacity && !store.has(key);
    if (isFull && oldest !== undefined) store.delete(oldest);
    store.set(key, entry);
    for (const each of storeNames) {
      this.#metrics.entries.set({ ...this.#labels, type: each }, this.#stores[each].size);
    }
  }
}

/** What comes from the cache is always called authoritative: old resolvers discard it otherwise. */
function fromCache({ reply }: Entry, ttlS: number): Reply {
  return { ...withTtl(reply, ttlS), authoritative: true, plugin: 'cache' };
}

/** What a reply is to a cache; `other` is not cached. */
function classify({ rcode, answers, authorities }: Reply): 'success' | 'denial' | 'server-error' | 'other' {
  if (rcode === rcodes.NOERROR && answers.length > 0) return 'success';
  const hasSoa = authorities.some(({ type }) => type === 'SOA');
  if (hasSoa && (rcode === rcodes.NOERROR || rcode === rcodes.NXDOMAIN)) return 'denial';
  if (rcode === rcodes.SERVFAIL || rcode === rcodes.NOTIMP) return 'server-error';
  return rcode === rcodes.NOERROR ? 'success' : 'other';
}

/** The smallest TTL of the records, in seconds. */
function smallestTtlS(reply: Reply): number {
  const records = [...reply.answers, ...reply.authorities];
  const hasOwn = ['success', 'denial'].includes(classify(reply)) && records.length > 0;
  return hasOwn ? records.reduce((least, { ttl = 0 }) => Math.min(least, ttl), countedTtlS) : defaultTtlS;
}

/** Whole seconds left; below zero the entry is stale. As in CoreDNS the last second counts down to 0, then to -1. */
function remainingS({ ttlS, storedMs }: Entry, nowMs: number): number {
  return Math.floor(ttlS) - Math.floor((nowMs - storedMs) / 1_000);
}

/** The reply with one TTL in every record. */
function withTtl(reply: Reply, ttlS: number): Reply {
  const set = (records: readonly ResourceRecord[]): ResourceRecord[] =>
    records.map((record) => ({ ...record, ttl: ttlS }));
  return { ...reply, answers: set(reply.answers), authorities: set(reply.authorities) };
}

function keyOf({ key, type }: Query): string {
  return `${type} ${key}`;
}
