import type { ApiClient, KubeObject } from '../../cluster/client.ts';
import type { Random } from '../../core/random.ts';
import { toTargetPod, type TargetPod } from '../target-pod.ts';
import { labelText, type PodChaosMode, type PodChaosRequest, type PodChaosSelector } from './request.ts';

export interface Selection {
  /** The chosen pods, sorted by namespace and name. */
  readonly pods: readonly TargetPod[];
  /** Uids of all pods that matched, so that a replacement can be told from a sibling. */
  readonly matched: ReadonlySet<string>;
  /** Why there is none; empty when there is one. */
  readonly whyNone: string;
}

/** Resolves a selector as Chaos Mesh would, but with our own dice. Only pods that run and are not being deleted count. */
export async function selectPods(request: PodChaosRequest, api: ApiClient, random: Random): Promise<Selection> {
  const found = (await listMatching(request.selector, api)).map(toTargetPod);
  const running = found
    .filter((pod) => pod.isRunning && hasContainers(pod, request.containerNames))
    .toSorted((a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name));
  const pods = choose(running, request.mode, random);
  const whyNone = pods.length > 0 ? '' : await explain(request, found, running, api);
  return { pods, matched: new Set(found.map(({ uid }) => uid)), whyNone };
}

async function listMatching(selector: PodChaosSelector, api: ApiClient): Promise<readonly KubeObject[]> {
  if (selector.kind === 'labels') {
    const labelSelector = labelText(selector.labels);
    const lists = selector.namespaces.map(async (namespace) => await listPods(api, namespace, labelSelector));
    return (await Promise.all(lists)).flat();
  }
  const refs = Object.entries(selector.pods).flatMap(([namespace, names]) =>
    names.map((name) => ({ namespace, name })),
  );
  const pods = await Promise.all(refs.map(async (ref) => await api.get({ apiVersion: 'v1', kind: 'Pod', ...ref })));
  return pods.filter((pod) => pod !== undefined);
}

async function listPods(api: ApiClient, namespace: string, labelSelector: string): Promise<readonly KubeObject[]> {
  const what = { apiVersion: 'v1', kind: 'Pod', namespace };
  return await api.list(labelSelector === '' ? what : { ...what, labelSelector });
}

/** Draws without putting back; the order of the list is kept. */
function choose(pods: readonly TargetPod[], mode: PodChaosMode, random: Random): readonly TargetPod[] {
  const left = [...pods];
  const drawn = new Set<TargetPod>();
  for (let count = countOf(mode, pods.length); count > 0; count--) {
    const pod = random.pick(left);
    if (pod === undefined) break;
    drawn.add(pod);
    left.splice(left.indexOf(pod), 1);
  }
  return pods.filter((pod) => drawn.has(pod));
}

function countOf(mode: PodChaosMode, available: number): number {
  switch (mode.kind) {
    case 'one':
      return 1;
    case 'all':
      return available;
    case 'fixed':
      return mode.count;
    case 'fixed-percent':
      return Math.floor((available * mode.percent) / 100);
  }
}

function hasContainers(pod: TargetPod, names: readonly string[]): boolean {
  return names.length === 0 || pod.containers.some(({ name }) => names.includes(name));
}

async function explain(
  request: PodChaosRequest,
  found: readonly TargetPod[],
  running: readonly TargetPod[],
  api: ApiClient,
): Promise<string> {
  if (running.length > 0) return `the share of ${running.length} pods comes to none`;
  const missing = found.find((pod) => pod.isRunning);
  if (missing) {
    const names = missing.containers.map(({ name }) => name).join(', ');
    return `no pod has a container ${request.containerNames.join(' or ')}; ${missing.name} has ${names}`;
  }
  if (found.length > 0) return `${found.map(({ name }) => name).join(', ')} matched, but none of them runs`;
  const { selector } = request;
  if (selector.kind === 'names') return 'there is no pod of this name';
  return `no pod in ${selector.namespaces.join(', ')} has ${labelText(selector.labels)}${await nearMiss(selector, api)}`;
}

/** Pods that carry one of the values under another label, or in their name: most likely they were meant. */
async function nearMiss(selector: PodChaosSelector & { kind: 'labels' }, api: ApiClient): Promise<string> {
  const values = Object.values(selector.labels);
  const lists = await Promise.all(selector.namespaces.map(async (namespace) => await listPods(api, namespace, '')));
  const near = lists
    .flat()
    .map(toTargetPod)
    .find((pod) => values.some((value) => Object.values(pod.labels).includes(value) || pod.name.startsWith(value)));
  if (near === undefined) return '';
  return `; ${near.name} is there, with the labels ${labelText(near.labels) || '(none)'}`;
}

/** By code units, the same on every machine. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
