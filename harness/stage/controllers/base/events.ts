import { createHash } from 'node:crypto';
import type { Clock } from '../../../core/clock.ts';
import { resources } from '../../client/resources.ts';
import { hasCode } from '../../client/status-error.ts';
import type { KubeObject, StageClient } from '../../client/types.ts';
import { rfc3339 } from './objects.ts';

/**
 * Records an event as `kubectl describe` shows it; `component` is who says it. What cannot be recorded is lost, and
 * nobody waits for it.
 */
export type RecordEvent = (
  component: string,
  about: KubeObject,
  reason: string,
  message: string,
  type?: 'Warning',
) => void;

export function eventRecorder(client: StageClient, clock: Clock): RecordEvent {
  return (component, { apiVersion, kind, metadata }, reason, message, type) => {
    const { name, namespace, uid } = metadata;
    // The same thing said again has the same name.
    const id = createHash('sha256').update(`${uid} ${reason} ${message}`).digest('hex').slice(0, 16);
    const ref = { namespace: namespace ?? 'default', name: `${name}.${id}` };
    const lastTimestamp = rfc3339(clock.now());
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: ref,
      involvedObject: { apiVersion, kind, name, namespace, uid },
      type: type ?? 'Normal',
      reason,
      message,
      source: { component },
      reportingComponent: component,
      firstTimestamp: lastTimestamp,
      lastTimestamp,
      count: 1,
    };
    client.create(resources.events, event).catch(async (problem: unknown) => {
      if (hasCode(problem, 409)) await client.patch(resources.events, ref, { lastTimestamp }).catch(() => undefined);
    });
  };
}
