import type { Clock } from '../../../core/clock.ts';
import { resources } from '../../client/resources.ts';
import type { KubeObject, StageClient } from '../../client/types.ts';
import type { Random } from '../../../core/random.ts';
import { randomSuffix } from './names.ts';
import { TokenBucket } from './token-bucket.ts';

interface EventToRecord {
  readonly about: KubeObject;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Who says it, for example `deployment-controller`. */
  readonly component: string;
}

/** Best effort: what cannot be recorded is lost, and nobody waits for it. */
export type RecordEvent = (event: EventToRecord) => void;

/** Different events that are remembered, to count a repeated one instead of writing it again. */
const remembered = 256;
/** A rollout is told in full, a storm is not. */
const limits = { burst: 100, perSecond: 5 };

interface Recorded {
  readonly name: string;
  count: number;
}

/** Records events as `kubectl describe` shows them. */
export function eventRecorder(client: StageClient, clock: Clock, random: Random): RecordEvent {
  const recent = new Map<string, Recorded>();
  const bucket = new TokenBucket(clock, limits);
  return (event) => {
    if (!bucket.take()) return;
    const { about, reason, message } = event;
    const key = JSON.stringify([about.metadata.uid, reason, message]);
    const known = recent.get(key);
    recent.delete(key);
    const now = rfc3339(clock.now());
    const recorded = known ?? { name: `${about.metadata.name}.${randomSuffix(random, 16)}`, count: 0 };
    recorded.count += 1;
    recent.set(key, recorded);
    const [oldest] = recent.keys();
    if (recent.size > remembered && oldest !== undefined) recent.delete(oldest);
    write(client, event, recorded, now).catch(() => recent.delete(key));
  };
}

async function write(client: StageClient, event: EventToRecord, { name, count }: Recorded, now: string): Promise<void> {
  const namespace = event.about.metadata.namespace ?? 'default';
  if (count > 1) {
    await client.patch(resources.events, { namespace, name }, { count, lastTimestamp: now });
    return;
  }
  const { apiVersion, kind, metadata } = event.about;
  const { uid, resourceVersion } = metadata;
  await client.create(resources.events, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject: { apiVersion, kind, name: metadata.name, namespace: metadata.namespace, uid, resourceVersion },
    type: event.type,
    reason: event.reason,
    message: event.message,
    source: { component: event.component },
    reportingComponent: event.component,
    reportingInstance: '',
    firstTimestamp: now,
    lastTimestamp: now,
    count,
  });
}

/** As Kubernetes writes times: whole seconds, UTC. */
export function rfc3339(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
