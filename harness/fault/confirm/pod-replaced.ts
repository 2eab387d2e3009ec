import type { KubeObject } from '../../cluster/client.ts';
import type { FaultContext } from '../fault.ts';
import { toTargetPod, type TargetPod } from '../target-pod.ts';
import type { Observation } from './observation.ts';
import { watchFor, type Timing } from './watch.ts';

/** How long the controller gets to replace a pod before its name is left out of the evidence. */
const replacementMs = 5_000;

/** Looks through the API whether the pod with this uid is gone, and what took its place. */
export async function podReplaced(
  pod: TargetPod,
  siblings: ReadonlySet<string>,
  context: FaultContext,
  timing: Timing,
): Promise<Observation> {
  const name = `${pod.namespace}/${pod.name}`;
  const gone = await watchFor(
    async () => ((await readPod(pod, context))?.metadata.uid === pod.uid ? undefined : true),
    context,
    timing,
  );
  if (!gone.seen) {
    const why =
      gone.problem === '' ? `pod ${name} still has uid ${pod.uid}` : `pod ${name} could not be read: ${gone.problem}`;
    return { source: 'api', saw: 'no-effect', text: why };
  }
  if (pod.isMirror) return { source: 'api', saw: 'effect', text: `mirror pod ${name}, uid ${pod.uid}, is gone` };
  const { seen } = await watchFor(async () => await findReplacement(pod, siblings, context), context, {
    intervalMs: timing.intervalMs,
    timeoutMs: replacementMs,
  });
  const by = seen === undefined ? 'not replaced yet' : `replaced by ${seen.name} on ${seen.node || 'no node yet'}`;
  return { source: 'api', saw: 'effect', text: `pod ${name}, uid ${pod.uid}, is gone, ${by}` };
}

async function readPod({ namespace, name }: TargetPod, { cluster }: FaultContext): Promise<KubeObject | undefined> {
  return await cluster.api.get({ apiVersion: 'v1', kind: 'Pod', namespace, name });
}

/** A pod with all the labels of the old one that was not there before. */
async function findReplacement(
  pod: TargetPod,
  siblings: ReadonlySet<string>,
  { cluster }: FaultContext,
): Promise<TargetPod | undefined> {
  const labelSelector = Object.entries(pod.labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const pods = await cluster.api.list({ apiVersion: 'v1', kind: 'Pod', namespace: pod.namespace, labelSelector });
  return pods.map(toTargetPod).find(({ uid, node }) => uid !== pod.uid && !siblings.has(uid) && node !== '');
}
