import type { KubeObject } from '../../cluster/client.ts';
import type { ApiAnswer, ApiCall } from '../../cluster/api-connection.ts';
import type { ApiDoor, Cluster, NodeContainer } from '../../cluster/cluster.ts';
import type { EventBody } from '../../core/events.ts';
import { seededRandom } from '../../core/random.ts';
import type { FaultSpec } from '../../experiment/spec.ts';
import type { PlannedInject } from '../../plan/plan.ts';
import { describeFault } from '../catalog.ts';
import type { FaultContext, FaultOutcome } from '../fault.ts';
import { runFault } from '../run-fault.ts';
import { fakeApi, type FakeApi } from './fake-api.ts';
import { fakeChange, fakeNode, type FakeNode } from './fake-node.ts';
import { fakeObservations, type FakeObservations } from './fake-observations.ts';
import { virtualClock, type VirtualClock } from './virtual-clock.ts';

/** One control-plane node with an API server, two workers with CoreDNS and a prober each, all in virtual time. */
export interface FakeWorld {
  readonly clock: VirtualClock;
  readonly api: FakeApi;
  readonly controlPlane: FakeNode;
  readonly workers: readonly FakeNode[];
  readonly observations: FakeObservations;
  readonly events: EventBody[];
  /** What was changed, by `perform`. */
  readonly performed: string[];
  readonly context: FaultContext;
  /** Runs a fault as the harness would. */
  readonly inject: (spec: FaultSpec, options?: { readonly sabotaged: boolean }) => Promise<FaultOutcome>;
}

/** How this world answers to what is done to it. The defaults do nothing. */
export interface Reactions {
  readonly onPodChaos?: (chaos: KubeObject, world: FakeWorld) => void;
  readonly onPark?: (world: FakeWorld) => void;
  readonly onFreeze?: (id: string, world: FakeWorld) => void;
  readonly onLimit?: (millicores: number, world: FakeWorld) => void;
  readonly onPause?: (world: FakeWorld) => void;
  readonly onPatch?: (patch: Readonly<Record<string, unknown>>, world: FakeWorld) => void;
  /** Answers a call of the API as an operator makes it. */
  readonly onCall?: (door: ApiDoor, call: ApiCall, world: FakeWorld) => Promise<ApiAnswer>;
  /** Of the API server's static pod. */
  readonly manifest?: string;
  /** When a container that is stopped is started again; undefined: never. Default: after 400 ms. */
  readonly restartMs?: (container: NodeContainer) => number | undefined;
  readonly dnsLane?: string | undefined;
  readonly signal?: AbortSignal;
  readonly seed?: number;
}

export function fakeWorld(reactions: Reactions = {}): FakeWorld {
  const clock = virtualClock();
  const node = (name: string, role: 'control-plane' | 'worker'): FakeNode =>
    fakeNode({ name, role }, clock, { ...reactions, ...nodeReactions(reactions, () => world) });
  const controlPlane = node('cp', 'control-plane');
  const workers = [node('worker', 'worker'), node('worker2', 'worker')];
  const api = fakeApi(
    (object) => {
      if (object.kind === 'PodChaos') reactions.onPodChaos?.(object, world);
    },
    (_ref, patch) => reactions.onPatch?.(patch, world),
  );
  const dnsLane = 'dnsLane' in reactions ? reactions.dnsLane : 'direct';
  const observations = fakeObservations(
    clock,
    workers.map(({ name }) => name),
    dnsLane,
  );
  const events: EventBody[] = [];
  const performed: string[] = [];
  const cluster = {
    ...fakeCluster(api, [controlPlane, ...workers], () => reactions.onPause?.(world)),
    callApi: async (door: ApiDoor, call: ApiCall) =>
      (await reactions.onCall?.(door, call, world)) ?? { status: 200, body: '{}', priorityLevelUid: null },
  };
  const context: FaultContext = {
    name: 'step',
    runId: 'r1',
    cluster,
    clock,
    random: seededRandom(reactions.seed ?? 1),
    emit: (event) => events.push(event),
    perform: async (change) => {
      await change.snapshot();
      performed.push(change.describe);
      await change.apply();
    },
    observations,
    signal: reactions.signal ?? new AbortController().signal,
    withinMs: 60_000,
    nowMs: () => clock.monotonicMs(),
    memory: new Map(),
  };
  const world: FakeWorld = {
    clock,
    api,
    controlPlane,
    workers,
    observations,
    events,
    performed,
    context,
    inject: async (spec, { sabotaged } = { sabotaged: false }) =>
      await runFault(plannedInject(spec, sabotaged), context),
  };
  populate(world);
  return world;
}

function nodeReactions(reactions: Reactions, world: () => FakeWorld) {
  return {
    onPark: () => reactions.onPark?.(world()),
    onFreeze: (_node: FakeNode, id: string) => reactions.onFreeze?.(id, world()),
    onLimit: (_node: FakeNode, millicores: number) => reactions.onLimit?.(millicores, world()),
  };
}

function fakeCluster(api: FakeApi, nodes: readonly FakeNode[], onPause: () => void): Omit<Cluster, 'callApi'> {
  const paused = new Set<string>();
  const pause = (name: string): void => {
    paused.add(name);
    onPause();
  };
  return {
    name: 'blackstart-test',
    nodes,
    versions: {},
    coreDnsImage: 'coredns',
    credentials: { admin: '/admin.conf', breakGlass: '/super-admin.conf' },
    api,
    kubectl: ['kubectl', '--kubeconfig', '/super-admin.conf'],
    adminKubectl: ['kubectl', '--kubeconfig', '/admin.conf'],
    nodeUrl: () => '',
    freezer: {
      pause: (name) => fakeChange(`pause ${name}`, () => pause(name)),
      isPaused: async (name) => paused.has(name),
    },
    renew: async () => {},
    renewControllers: async () => {},
    settle: async () => {},
  };
}

/** The step as a plan would have it. */
function plannedInject(fault: FaultSpec, sabotaged: boolean): PlannedInject {
  return { kind: 'inject', name: 'step', fault, sabotaged, when: null, description: describeFault(fault) };
}

function populate({ api, controlPlane, workers }: FakeWorld): void {
  controlPlane.run('kube-apiserver', 'kube-apiserver-cp');
  api.objects.push(
    fakePod({
      name: 'kube-apiserver-cp',
      node: 'cp',
      container: 'kube-apiserver',
      isMirror: true,
      labels: { component: 'kube-apiserver', tier: 'control-plane' },
    }),
  );
  workers.forEach((worker, index) => {
    worker.run('coredns', `coredns-${index}`);
    api.objects.push(
      fakePod({ name: `coredns-${index}`, node: worker.name, container: 'coredns', labels: { 'k8s-app': 'kube-dns' } }),
    );
  });
}

export function fakePod(pod: {
  readonly name: string;
  readonly node: string;
  readonly container: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly isMirror?: boolean;
  readonly uid?: string;
  readonly image?: string;
  readonly phase?: string;
  readonly restartCount?: number;
}): KubeObject {
  const { name, node, container, labels, isMirror = false, image = container, phase = 'Running' } = pod;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'kube-system',
      uid: pod.uid ?? `uid-${name}`,
      labels,
      ...(isMirror && { annotations: { 'kubernetes.io/config.mirror': 'x' } }),
    },
    spec: { nodeName: node, containers: [{ name: container, image }] },
    status: { phase, containerStatuses: [{ name: container, restartCount: pod.restartCount ?? 0 }] },
  };
}
