import type { Clock } from '../../core/clock.ts';
import type { DnsMetrics } from '../metrics/dns-metrics.ts';
import { longestZone, rcodeName, Unanswered, type Handler, type Query } from './plugin.ts';

export interface MeasureContext {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly metrics: DnsMetrics['server'];
  /** The label `server`, for example `dns://:53`. */
  readonly server: string;
  /** 1 for IPv4, 2 for IPv6. */
  readonly family: '1' | '2';
  /** All zones of the server. */
  readonly zones: () => readonly string[];
}

/** The types that have a label of their own. */
const types = 'A AAAA CNAME DNSKEY DS HTTPS MX NS NSEC NSEC3 PTR RRSIG SOA SRV SVCB TXT ANY'.split(' ');

/** Counts queries, answers and the time between them. */
export function measure({ clock, metrics, server, family, zones }: MeasureContext, next: Handler): Handler {
  return async (query) => {
    const startMs = clock.monotonicMs();
    const zone = longestZone(zones(), query.key) ?? '.';
    const labels = { server, zone: zone === '.' ? zone : `${zone}.`, view: '' };
    const type = types.includes(query.type) ? query.type : 'other';
    metrics.requests.inc({ ...labels, proto: query.transport, family, type });
    const done = (rcode: number, plugin: string): void => {
      metrics.responses.inc({ ...labels, rcode: rcodeName(rcode), plugin });
      metrics.duration.observe({ ...labels, type }, (clock.monotonicMs() - startMs) / 1_000);
    };
    try {
      const reply = await next(query);
      done(reply.rcode, reply.plugin);
      return reply;
    } catch (problem) {
      if (problem instanceof Unanswered) done(problem.rcode, '');
      throw problem;
    }
  };
}

/** Says why a query was not answered. */
export function logErrors(log: (level: 'ERROR', text: string) => void, next: Handler): Handler {
  return async (query: Query) => {
    try {
      return await next(query);
    } catch (problem) {
      if (problem instanceof Unanswered) {
        const name = query.name === '.' ? '.' : `${query.name}.`;
        log('ERROR', `plugin/errors: ${problem.rcode} ${name} ${query.type}: ${problem.message}`);
      }
      throw problem;
    }
  };
}
