import type { FaultContext } from '../fault.ts';
import { toTargetPod, type PodContainer, type TargetPod } from '../target-pod.ts';
import type { Observation } from './observation.ts';
import { watchFor, type Timing } from './watch.ts';

/** Looks through the API whether the kubelet has counted a restart of this container. */
export async function restartCounted(
  pod: TargetPod,
  container: string,
  context: FaultContext,
  timing: Timing,
): Promise<Observation> {
  const before = named(pod, container)?.restartCount ?? 0;
  const { seen, problem } = await watchFor(
    async () => {
      const now = named(await readPod(pod, context), container)?.restartCount ?? 0;
      return now > before ? now : undefined;
    },
    context,
    timing,
  );
  const name = `restart count of ${container} in ${pod.namespace}/${pod.name}`;
  if (seen !== undefined) return { source: 'api', saw: 'effect', text: `${name}: ${before} → ${seen}` };
  const why = problem === '' ? `${name} is still ${before}` : `${name} could not be read: ${problem}`;
  return { source: 'api', saw: 'no-effect', text: why };
}

/** Looks through the API whether the pod's containers have become the pause image, which does nothing. */
export async function imagePaused(pod: TargetPod, context: FaultContext, timing: Timing): Promise<Observation> {
  const name = `${pod.namespace}/${pod.name}`;
  const { seen, problem } = await watchFor(
    async () => (await readPod(pod, context))?.containers.find(({ image }) => /\bpause\b/.test(image))?.image,
    context,
    timing,
  );
  if (seen !== undefined) return { source: 'api', saw: 'effect', text: `pod ${name} now has the image ${seen}` };
  const why = problem === '' ? `pod ${name} kept its images` : `pod ${name} could not be read: ${problem}`;
  return { source: 'api', saw: 'no-effect', text: why };
}

async function readPod(pod: TargetPod, { cluster }: FaultContext): Promise<TargetPod | undefined> {
  const { namespace, name } = pod;
  const found = await cluster.api.get({ apiVersion: 'v1', kind: 'Pod', namespace, name });
  return found && toTargetPod(found);
}

function named(pod: TargetPod | undefined, container: string): PodContainer | undefined {
  return pod?.containers.find(({ name }) => name === container);
}
