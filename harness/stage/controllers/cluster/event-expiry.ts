import { resources } from '../../client/resources.ts';
import type { KubeObject } from '../../client/types.ts';
import { everyMs, type Context, type Controller } from '../base/context.ts';

const periodMs = 300_000;
/** kube-apiserver's --event-ttl. */
const lifeMs = 3_600_000;

/** Events go after an hour, whoever recorded them. In Kubernetes the store forgets them; ours does not. */
export function eventExpiry(context: Context): Controller {
  const { client, clock } = context;
  return everyMs(context, 'event-expiry', periodMs, async () => {
    const { items } = await client.list(resources.events, { resourceVersion: '0' });
    for (const event of items.filter((one) => isExpired(one, clock.now()))) {
      await client.delete(resources.events, event.metadata);
    }
  });
}

function isExpired(event: KubeObject, now: Date): boolean {
  const { lastTimestamp, eventTime, metadata } = event as KubeObject & { lastTimestamp?: string; eventTime?: string };
  const last = lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '';
  return now.getTime() - Date.parse(last) > lifeMs;
}
