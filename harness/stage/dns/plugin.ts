import type { Answer, OptAnswer, RecordType } from 'dns-packet';
import type { Clock } from '../../core/clock.ts';
import type { Random } from '../../core/random.ts';
import type { DnsMetrics } from '../metrics/dns-metrics.ts';

/** Any record but OPT: there is no EDNS here. */
export type ResourceRecord = Exclude<Answer, OptAnswer>;

export const rcodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

/** `NXDOMAIN` for 3; the number where it has no name here. */
export function rcodeName(rcode: number): string {
  return Object.entries(rcodes).find(([, code]) => code === rcode)?.[0] ?? String(rcode);
}

/** What a client asks; the class is always IN. */
export interface Query {
  readonly id: number;
  /** As it was asked, upper and lower case, without the last dot; the root is `.`. */
  readonly name: string;
  /** `name` in lower case. */
  readonly key: string;
  readonly type: RecordType;
  /** The question section, byte by byte: answers repeat it. */
  readonly question: Buffer;
  readonly transport: 'udp' | 'tcp';
  readonly recursionDesired: boolean;
}

/** What is answered; the question and the id are added when it is written. */
export interface Reply {
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly recursionAvailable: boolean;
  readonly truncated: boolean;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  /** The plugin that made it, for the metrics. */
  readonly plugin: string;
}

/** Rejects with an Unanswered when no message came of it. */
export type Handler = (query: Query) => Promise<Reply>;

/** What all plugins share. */
export interface PluginContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: Pick<Random, 'next'>;
  readonly metrics: DnsMetrics;
  readonly log: (level: 'INFO' | 'WARNING' | 'ERROR', text: string) => void;
  /** Where plugins listen when the Corefile names no host. */
  readonly anyHost: string;
  readonly zone: string;
  /** The label `server` of the metrics. */
  readonly server: string;
  /** The plugins that are not ready yet. */
  readonly unready: () => readonly string[];
}

/** What a plugin adds to the server. */
export interface Plugin {
  readonly wrap?: (next: Handler) => Handler;
  /** Before the server listens; it waits for this. */
  readonly start?: () => Promise<unknown>;
  readonly isReady?: () => boolean;
  /** How long the server serves on when it is told to end. */
  readonly lameduckMs?: number;
}

/**
 * A plugin has no message for the client, only a response code. The server writes a bare one in its place; no cache
 * keeps it. CoreDNS tells the two kinds of failure apart in the same way: by it `serve_stale` outlives an upstream that
 * is silent, and not one that says SERVFAIL.
 */
export class Unanswered extends Error {
  readonly rcode: number;

  constructor(rcode: number, message: string) {
    super(message);
    this.name = 'Unanswered';
    this.rcode = rcode;
  }
}

/** A reply without records and without authority, but for what `parts` say. */
export function replyWith(rcode: number, parts: Partial<Reply> = {}): Reply {
  const flags = { authoritative: false, recursionAvailable: false, truncated: false };
  return { rcode, ...flags, answers: [], authorities: [], plugin: '', ...parts };
}

/** With the last dot, as metrics have it. */
export function zoneLabel(zone: string): string {
  return zone === '.' ? zone : `${zone}.`;
}

/** True when `name` is `zone` or below it. Both in lower case, without the last dot. */
export function isWithin(zone: string, name: string): boolean {
  return zone === '.' || name === zone || name.endsWith(`.${zone}`);
}
