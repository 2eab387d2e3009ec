import { messageOf } from '../../core/errors.ts';
import { bare, longestZone, rcodes, Unanswered, type Handler, type Query, type Reply } from './plugin.ts';
import { readQuery } from './wire/read-query.ts';
import { writeReply } from './wire/write-reply.ts';

/** A server block as it runs. */
export interface Site {
  readonly zones: readonly string[];
  readonly handle: Handler;
  /** Only what is forwarded may be of another class than IN. */
  readonly takesAnyClass: boolean;
}

const badVersion = 16;

/** Everything that is served at one address and port: finds the site of a query, and always has an answer. */
export class DnsServer {
  readonly #sites = new Map<string, Site>();
  readonly #onPanic: (problem: string) => void;
  #takesAnyClass = false;

  /** @param onPanic is told of exceptions that nobody expected; the client gets SERVFAIL. */
  constructor(onPanic: (problem: string) => void) {
    this.#onPanic = onPanic;
  }

  get zones(): string[] {
    return [...this.#sites.keys()];
  }

  add(site: Site): void {
    for (const zone of site.zones) this.#sites.set(zone, site);
    this.#takesAnyClass ||= site.takesAnyClass;
  }

  /** The bytes to send back; undefined: nothing. */
  async answer(message: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer | undefined> {
    const query = readQuery(message, transport);
    if (!query || Buffer.isBuffer(query)) return query;
    const reply = await this.resolve(query);
    try {
      return writeReply(query, reply);
    } catch (problem) {
      this.#onPanic(messageOf(problem));
      return writeReply(query, bare(rcodes.SERVFAIL));
    }
  }

  /** Never rejects. */
  async resolve(query: Query): Promise<Reply> {
    const zone = longestZone(this.#sites.keys(), query.key);
    const site = zone === undefined ? undefined : this.#sites.get(zone);
    if (!query.isClassIn && !this.#takesAnyClass) return bare(rcodes.REFUSED);
    if (query.edns && query.edns.ednsVersion !== 0) return bare(badVersion);
    if (!site) return bare(rcodes.REFUSED);
    try {
      return await site.handle(query);
    } catch (problem) {
      if (!(problem instanceof Unanswered)) this.#onPanic(messageOf(problem));
      return bare(problem instanceof Unanswered ? problem.rcode : rcodes.SERVFAIL);
    }
  }
}
