import { rcodeName, Unanswered, zoneLabel, type Handler, type PluginContext } from './plugin.ts';

type MeasureContext = Pick<PluginContext, 'clock' | 'metrics' | 'server' | 'zone'>;

/** Counts queries, answers and the time between them. */
export function measure({ clock, metrics, server, zone }: MeasureContext, next: Handler): Handler {
  const labels = { server, zone: zoneLabel(zone), view: '' };
  return async (query) => {
    const startMs = clock.monotonicMs();
    const type = query.type.startsWith('UNKNOWN_') ? 'other' : query.type;
    metrics.server.requests.inc({ ...labels, proto: query.transport, family: '1', type });
    const done = (rcode: number, plugin: string): void => {
      metrics.server.responses.inc({ ...labels, rcode: rcodeName(rcode), plugin });
      metrics.server.duration.observe({ ...labels, type }, (clock.monotonicMs() - startMs) / 1_000);
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
export function logErrors(log: PluginContext['log'], next: Handler): Handler {
  return async (query) => {
    try {
      return await next(query);
    } catch (problem) {
      if (problem instanceof Unanswered) {
        log('ERROR', `plugin/errors: ${problem.rcode} ${zoneLabel(query.name)} ${query.type}: ${problem.message}`);
      }
      throw problem;
    }
  };
}
