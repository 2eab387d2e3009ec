import type { Reply, ResourceRecord } from '../plugin.ts';

/** Capacities are rounded down to this, and below 1,024 up to that (256 shards of CoreDNS, four entries each at least). */
const shards = 256;
const minPerShard = 4;

/** A reply that was kept. */
export interface Entry {
  readonly reply: Reply;
  readonly ttlS: number;
  readonly storedMs: number;
}

/** Whole seconds left; below zero the entry is stale. As in CoreDNS the last second counts down to 0, and then to -1. */
export function remainingS({ ttlS, storedMs }: Entry, nowMs: number): number {
  return Math.floor(ttlS) - Math.floor((nowMs - storedMs) / 1_000);
}

/** The reply with one TTL in every record. */
export function withTtl(reply: Reply, ttlS: number): Reply {
  const set = (records: readonly ResourceRecord[]): ResourceRecord[] =>
    records.map((record) => ({ ...record, ttl: ttlS }));
  return {
    ...reply,
    answers: set(reply.answers),
    authorities: set(reply.authorities),
    additionals: set(reply.additionals),
  };
}

/** Entries by key. A full store throws out its oldest (CoreDNS: any one of a shard). */
export class ReplyStore {
  readonly #capacity: number;
  readonly #entries = new Map<string, Entry>();

  constructor(capacity: number) {
    this.#capacity = Math.max(minPerShard, Math.floor(capacity / shards)) * shards;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** True when another entry had to go. */
  add(key: string, entry: Entry): boolean {
    const [oldest] = this.#entries.keys();
    const isFull = this.#entries.size >= this.#capacity && !this.#entries.has(key) && oldest !== undefined;
    if (isFull) this.#entries.delete(oldest);
    this.#entries.set(key, entry);
    return isFull;
  }
}
