import type { Random } from '../../core/random.ts';
import { resources } from '../client/resources.ts';
import type { KubeObject, StageClient } from '../client/types.ts';
import type { PodChaos } from './pod-chaos.ts';

/** The targets of a PodChaos, as the ids of its records, drawn by its mode. Empty when nothing was selected. */
export async function selectTargets(chaos: PodChaos, client: StageClient, random: Random): Promise<readonly string[]> {
  const pods = await findPods(chaos, client);
  const { mode, value = '', action, containerNames = [] } = chaos.spec;
  const drawn = draw(pods, countOf(mode, Number(value) || 0, pods.length, random), random);
  return drawn.flatMap((pod) => {
    const id = `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;
    if (action !== 'container-kill') return [id];
    const names = containersOf(pod);
    const chosen =
      containerNames.length === 0 ? names.slice(0, 1) : names.filter((name) => containerNames.includes(name));
    return chosen.map((name) => `${id}/${name}`);
  });
}

/** How many of `available` pods a mode takes. */
export function countOf(
  mode: PodChaos['spec']['mode'],
  value: number,
  available: number,
  random: Pick<Random, 'next'>,
): number {
  switch (mode) {
    case 'one':
      return Math.min(1, available);
    case 'all':
      return available;
    case 'fixed':
      return Math.min(value, available);
    case 'fixed-percent':
      return Math.floor((available * Math.min(value, 100)) / 100);
    case 'random-max-percent': {
      const percent = Math.floor(random.next() * (Math.min(value, 100) + 1));
      return Math.floor((available * percent) / 100);
    }
  }
}

async function findPods({ spec, metadata }: PodChaos, client: StageClient): Promise<readonly KubeObject[]> {
  const { pods, namespaces = [metadata.namespace ?? ''], labelSelectors, fieldSelectors, nodes = [] } = spec.selector;
  if (pods) {
    const names = Object.entries(pods).flatMap(([namespace, list]) => list.map((name) => ({ namespace, name })));
    const found = await Promise.all(
      names.map(async ({ namespace, name }) => await client.get(resources.pods, namespace, name)),
    );
    return found.filter((pod) => pod !== undefined);
  }
  const lists = await Promise.all(
    namespaces.map(
      async (namespace) =>
        await client.list(resources.pods, {
          namespace,
          ...(labelSelectors && { labelSelector: equalities(labelSelectors) }),
          ...(fieldSelectors && { fieldSelector: equalities(fieldSelectors) }),
        }),
    ),
  );
  return lists.flatMap(({ items }) => items).filter((pod) => nodes.length === 0 || nodes.includes(nodeOf(pod)));
}

/** Draws without putting back. */
function draw(pods: readonly KubeObject[], count: number, random: Random): readonly KubeObject[] {
  const left = [...pods];
  return Array.from({ length: count }, () => {
    const pod = random.pick(left);
    if (pod) left.splice(left.indexOf(pod), 1);
    return pod;
  }).filter((pod) => pod !== undefined);
}

function equalities(pairs: Readonly<Record<string, string>>): string {
  return Object.entries(pairs)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

function containersOf(pod: KubeObject): readonly string[] {
  const { containers = [] } = pod['spec'] as { containers?: readonly { readonly name: string }[] };
  return containers.map(({ name }) => name);
}

function nodeOf(pod: KubeObject): string {
  return (pod['spec'] as { nodeName?: string }).nodeName ?? '';
}
