import { timestamp, type Api } from '../rest/api.ts';

/** How long Events are kept; `--event-ttl` of the real server. */
const ttlMs = 3_600_000;

/** Deletes the Events that were last written more than an hour ago. */
export function expireEvents({ store, now }: Pick<Api, 'store' | 'now'>): void {
  const before = timestamp(new Date(now().getTime() - ttlMs));
  for (const event of store.list('events')) {
    const last = event['lastTimestamp'] ?? event['eventTime'] ?? event.metadata.creationTimestamp;
    if (typeof last !== 'string' || last >= before) continue;
    const { namespace = '', name } = event.metadata;
    store.write({ resource: 'events', namespace, name }, (current) => (current === event ? undefined : current));
  }
}
