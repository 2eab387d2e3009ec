import { rcodes, type Reply, type ResourceRecord } from '../plugin.ts';

/** What a reply is to a cache. `other` is not cached. */
export type ReplyClass = 'success' | 'denial' | 'server-error' | 'other';

/** The TTL of what carries none, and of failures (CoreDNS). */
const defaultTtlS = 5;
/** No TTL counts for more than an hour. */
const maxTtlS = 3_600;
const transferTypes = ['AXFR', 'IXFR'];
const notifyOpcode = 4;

export function classify(reply: Reply, query: { type: string; opcode: number }): ReplyClass {
  if (transferTypes.includes(query.type) || query.opcode === notifyOpcode) return 'other';
  const { rcode, answers, authorities } = reply;
  if (rcode === rcodes.NOERROR && answers.length > 0) return 'success';
  const hasSoa = authorities.some(({ type }) => type === 'SOA');
  if (hasSoa && (rcode === rcodes.NOERROR || rcode === rcodes.NXDOMAIN)) return 'denial';
  if (rcode === rcodes.SERVFAIL || rcode === rcodes.NOTIMP) return 'server-error';
  return rcode === rcodes.NOERROR ? 'success' : 'other';
}

/** The smallest TTL of the records, in seconds. */
export function smallestTtlS(reply: Reply, replyClass: ReplyClass): number {
  const records: ResourceRecord[] = [...reply.answers, ...reply.authorities, ...reply.additionals];
  const isDelegation = reply.answers.length === 0 && reply.authorities.some(({ type }) => type === 'NS');
  if (records.length === 0 || isDelegation || (replyClass !== 'success' && replyClass !== 'denial')) return defaultTtlS;
  return records.reduce((least, { ttl = 0 }) => Math.min(least, ttl), maxTtlS);
}
