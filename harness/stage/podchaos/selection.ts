import type { Random } from '../../core/random.ts';
import { resources } from '../client/resources.ts';
import type { StageClient } from '../client/types.ts';
import type { Pod } from '../node/pod.ts';
import type { PodChaos } from './pod-chaos.ts';

/** The targets of a PodChaos, as the ids of its records, drawn by its mode. Empty when nothing was selected. */
export async function selectTargets(chaos: PodChaos, client: StageClient, random: Random): Promise<readonly string[]> {
  const { action, containerNames = [] } = chaos.spec;
  const left = await findPods(chaos, client);
  const drawn: Pod[] = [];
  for (let count = countOf(chaos.spec, left.length); count > 0; count -= 1) {
    const pod = random.pick(left);
    if (pod) drawn.push(...left.splice(left.indexOf(pod), 1));
  }
  return drawn.flatMap(({ metadata, spec }) => {
    const id = `${metadata.namespace}/${metadata.name}`;
    if (action !== 'container-kill') return [id];
    const names = spec.containers.map(({ name }) => name);
    const chosen =
      containerNames.length === 0 ? names.slice(0, 1) : names.filter((one) => containerNames.includes(one));
    return chosen.map((name) => `${id}/${name}`);
  });
}

/** How many of `available` pods a mode takes. */
export function countOf({ mode, value }: Pick<PodChaos['spec'], 'mode' | 'value'>, available: number): number {
  const wanted = Number(value) || 0;
  const counts = { one: 1, all: available, fixed: wanted, 'fixed-percent': Math.floor((available * wanted) / 100) };
  return Math.min(counts[mode], available);
}

async function findPods({ spec, metadata }: PodChaos, client: StageClient): Promise<Pod[]> {
  const { pods, namespaces = [metadata.namespace ?? ''], labelSelectors, fieldSelectors, nodes } = spec.selector;
  if (pods) {
    const names = Object.entries(pods).flatMap(([namespace, list]) => list.map((name) => ({ namespace, name })));
    const get = async (ref: (typeof names)[number]) => await client.get(resources.pods, ref.namespace, ref.name);
    return (await Promise.all(names.map(get))).filter((pod) => pod !== undefined) as Pod[];
  }
  const selection = { labelSelector: equalities(labelSelectors), fieldSelector: equalities(fieldSelectors) };
  const list = async (namespace: string) => await client.list(resources.pods, { namespace, ...selection });
  const found = (await Promise.all(namespaces.map(list))).flatMap(({ items }) => items) as Pod[];
  return found.filter((pod) => !nodes?.length || nodes.includes(pod.spec.nodeName ?? ''));
}

function equalities(pairs: Readonly<Record<string, string>> | undefined): string | undefined {
  const texts = Object.entries(pairs ?? {}).map(([key, value]) => `${key}=${value}`);
  return texts.length === 0 ? undefined : texts.join(',');
}
