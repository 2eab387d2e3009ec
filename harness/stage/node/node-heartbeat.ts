import { arch, cpus, release, totalmem } from 'node:os';
import { messageOf } from '../../core/errors.ts';
import { resources } from '../client/resources.ts';
import { hasCode } from '../client/status-error.ts';
import { keepTrying } from './keep-trying.ts';
import type { Node } from './node.ts';
import { apiTime } from './time.ts';

/** The kubelet's numbers: the lease and a look at the own Node every 10 s. */
const beatMs = 10_000;
const leaseDurationSeconds = 40;
const beatRetry = { firstMs: 100, capMs: 7_000 };
/** A node joins as soon as the API answers: kubeadm waits for it, and only then starts the kubelet. */
const joinRetry = { firstMs: 100, capMs: 100 };
const controlPlane = 'node-role.kubernetes.io/control-plane';

type Settings = Pick<Node, 'name' | 'role' | 'address' | 'client' | 'clock' | 'signal' | 'onProblem'>;

/** Registers the node, then keeps its lease and its status. Resolves when it is registered; rejects at `signal`. */
export async function startHeartbeat(node: Settings): Promise<void> {
  const { clock, signal } = node;
  const until = { clock, signal, onFailure: (problem: unknown) => node.onProblem(messageOf(problem)) };
  await keepTrying(async () => await register(node), { ...until, ...joinRetry });
  const beat = async (work: () => Promise<void>): Promise<never> => {
    for (;;) {
      await keepTrying(work, { ...until, ...beatRetry });
      await clock.sleep(beatMs, signal);
    }
  };
  for (const work of [renewLease, report]) beat(async () => await work(node)).catch(() => undefined);
}

async function register(node: Settings): Promise<void> {
  const { client, name, role, address } = node;
  const isControlPlane = role === 'control-plane';
  const labels = {
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture,
    ...(isControlPlane && { [controlPlane]: '' }),
  };
  const [, cluster, , number] = address.split('.');
  const podCIDR = `127.${cluster}.${number}.0/24`;
  const taints = isControlPlane && { taints: [{ key: controlPlane, effect: 'NoSchedule' }] };
  const spec = { podCIDR, podCIDRs: [podCIDR], ...taints };
  try {
    await client.create(resources.nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec });
  } catch (problem) {
    if (!hasCode(problem, 409)) throw problem;
    await client.patch(resources.nodes, { name }, { metadata: { labels } });
  }
  await report(node);
}

/** Writes the status when the API does not have the node as Ready: new, or changed by the node lifecycle controller. */
async function report(node: Settings): Promise<void> {
  const { client, name, address, clock } = node;
  const known = await client.get(resources.nodes, undefined, name);
  if (!known) return await register(node);
  const { conditions: before = [] } = (known['status'] ?? {}) as { conditions?: { type: string; status: string }[] };
  if (before.some(({ type, status }) => type === 'Ready' && status === 'True')) return;
  const now = apiTime(clock.now());
  const times = { lastHeartbeatTime: now, lastTransitionTime: now };
  const status = {
    capacity,
    allocatable: capacity,
    conditions: conditions.map((one) => ({ ...one, ...times })),
    addresses: [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: name },
    ],
    nodeInfo,
  };
  await client.patch(resources.nodes, { name }, { status }, 'status');
}

async function renewLease({ client, clock, name }: Settings): Promise<void> {
  const renewTime = clock.now().toISOString().replace('Z', '000Z');
  const metadata = { namespace: 'kube-node-lease', name };
  const spec = { holderIdentity: name, leaseDurationSeconds, renewTime };
  try {
    await client.patch(resources.leases, metadata, { spec });
  } catch (problem) {
    if (!hasCode(problem, 404)) throw problem;
    await client.create(resources.leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
  }
}

/** The name that Go, and so Kubernetes, has for this machine's architecture. */
const architecture = arch() === 'x64' ? 'amd64' : arch();

const conditions = [
  { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory' },
  { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure' },
  { type: 'PIDPressure', status: 'False', reason: 'KubeletHasSufficientPID' },
  { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
];

/** What pods may use: the whole machine, on every node. */
const memory = `${Math.floor(totalmem() / 1_024)}Ki`;
const capacity = { cpu: String(cpus().length), memory, pods: '110', 'ephemeral-storage': '100Gi' };

const nodeInfo = {
  kernelVersion: release(),
  osImage: 'Blackstart stage',
  containerRuntimeVersion: `blackstart://${process.version.slice(1)}`,
  kubeletVersion: 'v1.34.0',
  operatingSystem: 'linux',
  architecture,
};
