import type { ClusterNode, CpuLimits, CpuState, NodeContainer } from '../../cluster/cluster.ts';
import type { NodeInfo } from '../../core/events.ts';
import type { Change } from '../../undo/change.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A node whose containers live in a list. */
export interface FakeNode extends ClusterNode {
  /** Starts a container of this pod; kube-system unless told otherwise. */
  run(name: string, pod: string, attempt?: number, namespace?: string): NodeContainer;
  /** Ends what runs under this name (and in this pod); the kubelet starts the next attempt after so long, or never. */
  kill(name: string, restartAfterMs?: number, pod?: string): void;
  /** Whether a container of this name runs now. */
  isRunning(name: string): boolean;
  freezeNow(id: string): void;
  /** What the cgroup of the API server says; undefined: this node has no cgroups. */
  cpu: CpuState | undefined;
  /** Every look at the containers fails from now on, or works again. */
  setReachable(reachable: boolean): void;
}

/** What the world does when something is done to the node. */
interface NodeReactions {
  readonly onPark: (node: FakeNode) => void;
  readonly onFreeze: (node: FakeNode, id: string) => void;
  readonly onLimit: (node: FakeNode, millicores: number) => void;
  readonly manifest?: string | undefined;
  /** When a container that is stopped is started again; undefined: never. Default: after 400 ms. */
  readonly restartMs?: ((container: NodeContainer) => number | undefined) | undefined;
}

export function fakeNode(
  info: Pick<NodeInfo, 'name' | 'role'>,
  clock: VirtualClock,
  reactions: NodeReactions,
): FakeNode {
  let containers: readonly NodeContainer[] = [];
  let reachable = true;
  let count = 0;
  const frozen = new Set<string>();
  const change = (what: string, apply: () => void): Change => fakeChange(`${what} on ${info.name}`, apply);
  const node: FakeNode = {
    ...info,
    cpu: { id: 'c1', millicores: null, throttled: 4 },
    get cpuLimits() {
      return node.cpu === undefined ? undefined : fakeLimits(node, reactions);
    },
    address: '10.0.0.1',
    run: (name, pod, attempt = 0, namespace = 'kube-system') => {
      const id = `${info.name}-${name}-${count++}`.padEnd(64, '0');
      const startedAt = `2026-01-01T00:00:${String(count).padStart(2, '0')}Z`;
      const started: NodeContainer = { id, name, pod, namespace, attempt, state: 'running', startedAt };
      containers = [started, ...containers];
      return started;
    },
    kill: (name, restartAfterMs, pod) => {
      const running = containers.filter(
        (one) => one.name === name && one.state === 'running' && (pod === undefined || one.pod === pod),
      );
      containers = containers.map((one) => (running.includes(one) ? { ...one, state: 'exited' } : one));
      if (restartAfterMs === undefined) return;
      for (const one of running)
        clock.after(restartAfterMs, () => node.run(name, one.pod, one.attempt + 1, one.namespace));
    },
    isRunning: (name) => containers.some((one) => one.name === name && one.state === 'running'),
    freezeNow: (id) => frozen.add(id),
    setReachable: (now) => void (reachable = now),
    containers: {
      find: async (name) => {
        if (!reachable) throw new Error(`node ${info.name} does not answer`);
        return containers.filter((one) => one.name === name);
      },
      stop: async (id) => {
        const stopped = containers.find((one) => one.id === id);
        if (!stopped) return;
        node.kill(stopped.name, reactions.restartMs ? reactions.restartMs(stopped) : 400, stopped.pod);
      },
      freeze: ({ id, name }) => change(`freeze ${name}`, () => reactions.onFreeze(node, id)),
      hold: ({ id, name }) => change(`hold ${name}`, () => reactions.onFreeze(node, id)),
      isFrozen: async (id) => frozen.has(id),
    },
    staticPods: {
      park: (name) => change(`park ${name}`, () => reactions.onPark(node)),
      read: async () => reactions.manifest ?? '',
      replace: (name) => change(`another manifest of ${name}`, () => {}),
      add: (name) => change(`add ${name}`, () => node.run(name, name)),
    },
  };
  return node;
}

function fakeLimits(node: FakeNode, { onLimit }: NodeReactions): CpuLimits {
  return {
    read: async () => node.cpu,
    limit: (name, millicores) => fakeChange(`limit ${name} on ${node.name}`, () => onLimit(node, millicores)),
  };
}

export function fakeChange(describe: string, apply: () => void): Change {
  return {
    describe,
    undo: { argv: ['true'], timeoutMs: 1_000 },
    needs: 'node',
    snapshot: async () => {},
    apply: async () => apply(),
    verify: async () => [],
  };
}
