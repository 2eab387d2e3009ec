import type { Clock } from '../../../core/clock.ts';
import { authoritative, isWithin, longestZone, rcodes, Unanswered, type Handler } from '../plugin.ts';
import { ZoneRecords, type RecordsContext } from './records.ts';
import type { ClusterStore } from './store.ts';

const syncPollMs = 100;
const syncLogMs = 500;

/** Answers for the names of a cluster from what the store knows, and never asks the API for a query. */
export function kubernetesHandler(context: RecordsContext, next: Handler): Handler {
  const { settings, store } = context;
  return async (query) => {
    const zone = longestZone(settings.zones, query.key);
    if (zone === undefined) return await next(query);
    if (query.type === 'AXFR' || query.type === 'IXFR') throw new Unanswered(rcodes.REFUSED, 'no zone transfers');
    const asked = zone === '.' ? zone : query.name.slice(-zone.length);
    const records = new ZoneRecords(context, { key: zone, asked });
    const found = await records.find(query);
    if (found && found.answers.length > 0) return authoritative('kubernetes', found);
    if (!found && settings.fallthroughZones.some((one) => isWithin(one, query.key))) return await next(query);
    // A name that an unsynced store does not know may exist all the same.
    const rcode = found ? rcodes.NOERROR : store.hasSynced() ? rcodes.NXDOMAIN : rcodes.SERVFAIL;
    return authoritative('kubernetes', { rcode, authorities: [records.soa()] });
  };
}

export interface SyncContext {
  readonly clock: Clock;
  readonly log: (level: 'INFO' | 'WARNING', text: string) => void;
}

/** Waits for the first sync, but not for ever: after the time-out the server starts without. */
export async function waitForSync(
  store: Pick<ClusterStore, 'hasSynced'>,
  timeoutMs: number,
  { clock, log }: SyncContext,
): Promise<void> {
  const startMs = clock.monotonicMs();
  let loggedMs = startMs;
  while (!store.hasSynced()) {
    const nowMs = clock.monotonicMs();
    if (nowMs - startMs >= timeoutMs)
      return log('WARNING', 'plugin/kubernetes: starting server with unsynced Kubernetes API');
    if (nowMs - loggedMs >= syncLogMs) {
      loggedMs = nowMs;
      log('INFO', 'plugin/kubernetes: waiting for Kubernetes API before starting server');
    }
    await clock.sleep(syncPollMs);
  }
}
