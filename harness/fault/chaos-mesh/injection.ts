import { BlackstartError } from '../../core/errors.ts';
import { watchFor } from '../confirm/watch.ts';
import { containersOf, type TargetContainer } from '../confirm/target-container.ts';
import type { FaultContext } from '../fault.ts';
import { emptySelection, remember, type MemoryKey } from '../memory.ts';
import type { TargetPod } from '../target-pod.ts';
import { podChaosName } from './manifest.ts';
import { selectorText, type PodChaosRequest } from './request.ts';
import { selectPods, type Selection } from './select.ts';

/** One injection of a PodChaos: what is asked for, and what its targets were like before. */
export interface PodChaosInjection {
  readonly request: PodChaosRequest;
  /** Name of the PodChaos object. */
  readonly chaosName: string;
  readonly selection: Selection;
  readonly targets: readonly PodChaosTarget[];
}

/** A pod, or for container-kill one container of it. Named as Chaos Mesh names its records. */
export interface PodChaosTarget {
  readonly name: string;
  readonly pod: TargetPod;
  readonly containers: readonly TargetContainer[];
}

export const injectionKey: MemoryKey<PodChaosInjection> = { name: 'pod-chaos' };

/** The API and the nodes may need a moment after an earlier fault. */
const patience = { intervalMs: 500, timeoutMs: 15_000 };

/** Chooses the pods and remembers what runs in them. */
export async function prepareInjection(request: PodChaosRequest, context: FaultContext): Promise<PodChaosInjection> {
  const { cluster, random, runId, name } = context;
  const selection = await insist(
    'the selected pods',
    context,
    async () => await selectPods(request, cluster.api, random),
  );
  if (selection.pods.length === 0) {
    remember(context, emptySelection, { selector: selectorText(request.selector), why: selection.whyNone });
  }
  const perPod = selection.pods.map(async (pod) => {
    const what = `a running container in ${pod.namespace}/${pod.name}`;
    return await insist(what, context, async () => nonEmpty(await targetsIn(pod, request, context)));
  });
  const targets = (await Promise.all(perPod)).flat();
  const injection = { request, chaosName: podChaosName({ runId, step: name }), selection, targets };
  remember(context, injectionKey, injection);
  return injection;
}

async function targetsIn(
  pod: TargetPod,
  { action, containerNames }: PodChaosRequest,
  { cluster }: FaultContext,
): Promise<readonly PodChaosTarget[]> {
  const name = `${pod.namespace}/${pod.name}`;
  const containers = await containersOf(pod, cluster);
  if (action !== 'container-kill') return containers.length === 0 ? [] : [{ name, pod, containers }];
  return containers
    .filter(({ container }) => containerNames.includes(container.name))
    .map((one) => ({ name: `${name}/${one.container.name}`, pod, containers: [one] }));
}

async function insist<T>(what: string, context: FaultContext, look: () => Promise<T | undefined>): Promise<T> {
  const { seen, problem } = await watchFor(look, context, patience);
  if (seen !== undefined) return seen;
  throw new BlackstartError('cluster', `Fault ${context.name}: could not find ${what}${problem && `: ${problem}`}`);
}

function nonEmpty<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length === 0 ? undefined : items;
}
