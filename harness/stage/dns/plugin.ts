import type { Answer, OptAnswer } from 'dns-packet';

/** Any record but OPT, which belongs to one hop and is dealt with where messages are read and written. */
export type ResourceRecord = Exclude<Answer, OptAnswer>;

export const rcodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

/** `NXDOMAIN` for 3; the number where it has no name here. */
export function rcodeName(rcode: number): string {
  return Object.entries(rcodes).find(([, code]) => code === rcode)?.[0] ?? String(rcode);
}

/** What a client asks. */
export interface Query {
  readonly id: number;
  readonly opcode: number;
  /** As it was asked, upper and lower case, without the last dot; the root is `.`. */
  readonly name: string;
  /** `name` in lower case. */
  readonly key: string;
  /** `A`, `AAAA`, …, `UNKNOWN_65`. */
  readonly type: string;
  readonly isClassIn: boolean;
  /** The question section, byte by byte: answers repeat it. */
  readonly question: Buffer;
  readonly transport: 'udp' | 'tcp';
  /** How long the answer may be. */
  readonly maxBytes: number;
  readonly recursionDesired: boolean;
  readonly checkingDisabled: boolean;
  readonly authenticData: boolean;
  readonly edns: OptAnswer | undefined;
}

/** What is answered; the question, the id and OPT are added when it is written. */
export interface Reply {
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly recursionAvailable: boolean;
  readonly authenticData: boolean;
  readonly truncated: boolean;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
  /** The plugin that made it, for the metrics. */
  readonly plugin: string;
}

/** Rejects with an Unanswered when no message came of it. */
export type Handler = (query: Query) => Promise<Reply>;

/**
 * A plugin has no message for the client, only a response code. The server writes a bare one in its place; no cache keeps it.
 * CoreDNS tells the two kinds of failure apart in the same way: by it `serve_stale` outlives an upstream that is silent, and not
 * one that says SERVFAIL.
 */
export class Unanswered extends Error {
  readonly rcode: number;

  constructor(rcode: number, message: string) {
    super(message);
    this.name = 'Unanswered';
    this.rcode = rcode;
  }
}

/** A reply of ours, with authority over the name. */
export function authoritative(plugin: string, parts: Partial<Reply>): Reply {
  return {
    rcode: rcodes.NOERROR,
    authoritative: true,
    recursionAvailable: false,
    authenticData: false,
    truncated: false,
    answers: [],
    authorities: [],
    additionals: [],
    plugin,
    ...parts,
  };
}

/** A reply without records and without authority. */
export function bare(rcode: number): Reply {
  return authoritative('', { rcode, authoritative: false });
}

/** True when `name` is `zone` or below it. Both in lower case, without the last dot. */
export function isWithin(zone: string, name: string): boolean {
  return zone === '.' || name === zone || (name.endsWith(zone) && name.at(-zone.length - 1) === '.');
}

/** The longest of the zones that the name is in. */
export function longestZone(zones: Iterable<string>, name: string): string | undefined {
  let longest: string | undefined;
  for (const zone of zones) {
    if (isWithin(zone, name) && zone.length > (longest?.length ?? 0)) longest = zone;
  }
  return longest;
}
