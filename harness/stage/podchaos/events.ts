import type { Clock } from '../../core/clock.ts';
import { resources } from '../client/resources.ts';
import type { StageClient } from '../client/types.ts';
import type { PodChaos } from './pod-chaos.ts';

/** Writes an Event about a PodChaos. One that cannot be written is lost, as everywhere in Kubernetes. */
export async function writeEvent(
  chaos: PodChaos,
  reason: string,
  message: string,
  { client, clock }: { readonly client: StageClient; readonly clock: Clock },
): Promise<void> {
  const { name, namespace = '', uid, resourceVersion } = chaos.metadata;
  const now = clock.now();
  const timestamp = now.toISOString().replace(/\.\d+Z$/, 'Z');
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    // As client-go names them: the time makes the name unique.
    metadata: {
      name: `${name}.${(BigInt(now.getTime()) * 1_000_000n + (process.hrtime.bigint() % 1_000_000n)).toString(16)}`,
      namespace,
    },
    involvedObject: { apiVersion: chaos.apiVersion, kind: chaos.kind, namespace, name, uid, resourceVersion },
    type: reason === 'Failed' ? 'Warning' : 'Normal',
    reason,
    message,
    source: { component: 'chaos-controller-manager' },
    firstTimestamp: timestamp,
    lastTimestamp: timestamp,
    count: 1,
  };
  await client.create(resources.events, event).catch(() => undefined);
}
