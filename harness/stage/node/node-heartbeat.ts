import type { Clock } from '../../core/clock.ts';
import { resources } from '../client/resources.ts';
import { hasCode } from '../client/status-error.ts';
import type { KubeObject, StageClient } from '../client/types.ts';
import { nodeLabels, nodeObject, nodeStatus, type NodeCondition, type NodeSettings } from './node-object.ts';
import { apiTime } from './time.ts';

/** The kubelet's numbers: the lease and a look at the own Node every 10 s, a report at least every 5 min. */
const beatMs = 10_000;
const reportMs = 300_000;
const leaseDurationSeconds = 40;
const firstRetryMs = 100;
const retryCapMs = 7_000;
/** A node joins as soon as the API answers: kubeadm waits for it, and only then starts the kubelet. */
const joinRetryMs = 100;
const leaseNamespace = 'kube-node-lease';

export interface HeartbeatOptions {
  readonly client: StageClient;
  readonly clock: Clock;
  readonly node: NodeSettings;
  readonly signal: AbortSignal;
  readonly onProblem: (problem: unknown) => void;
}

/** Registers the node, then keeps its lease and its status. Resolves when it is registered; rejects when `signal` ends it. */
export async function startHeartbeat(options: HeartbeatOptions): Promise<void> {
  await untilDone(options, async () => await register(options), joinRetryMs);
  void keepGoing(options, async () => await renewLease(options));
  let lastReportMs = options.clock.monotonicMs();
  void keepGoing(options, async () => {
    const isDue = options.clock.monotonicMs() - lastReportMs >= reportMs;
    if (await reportStatus(options, isDue)) lastReportMs = options.clock.monotonicMs();
  });
}

async function keepGoing(options: HeartbeatOptions, beat: () => Promise<void>): Promise<void> {
  try {
    for (;;) {
      await untilDone(options, beat);
      await options.clock.sleep(beatMs, options.signal);
    }
  } catch {
    // The signal.
  }
}

/** Tries until it works; rejects when `signal` is aborted. */
async function untilDone(
  { clock, signal, onProblem }: HeartbeatOptions,
  work: () => Promise<void>,
  capMs = retryCapMs,
): Promise<void> {
  for (let delayMs = firstRetryMs; ; delayMs = Math.min(delayMs * 2, capMs)) {
    try {
      return await work();
    } catch (problem) {
      onProblem(problem);
      await clock.sleep(delayMs, signal);
    }
  }
}

async function register(options: HeartbeatOptions): Promise<void> {
  const { client, node } = options;
  try {
    await client.create(resources.nodes, nodeObject(node));
  } catch (problem) {
    if (!hasCode(problem, 409)) throw problem;
    const labels = nodeLabels(node.name, node.role);
    await client.patch(resources.nodes, { name: node.name }, { metadata: { labels } });
  }
  await reportStatus(options, true);
}

/** Writes the status when it is due or when somebody (the node lifecycle controller) has changed it. True when written. */
async function reportStatus(options: HeartbeatOptions, isDue: boolean): Promise<boolean> {
  const { client, node, clock } = options;
  const known = await client.get(resources.nodes, undefined, node.name);
  if (!known) {
    await register(options);
    return true;
  }
  const { conditions: before = [] } = (known['status'] ?? {}) as { conditions?: NodeCondition[] };
  const isReady = before.some(({ type, status }) => type === 'Ready' && status === 'True');
  if (isReady && !isDue) return false;
  const status = nodeStatus(node, before, apiTime(clock.now()));
  await client.patch(resources.nodes, { name: node.name }, { status }, 'status');
  return true;
}

async function renewLease({ client, clock, node: { name } }: HeartbeatOptions): Promise<void> {
  const renewTime = clock.now().toISOString().replace('Z', '000Z');
  const ref = { namespace: leaseNamespace, name };
  const spec = { holderIdentity: name, leaseDurationSeconds, renewTime };
  try {
    await client.patch(resources.leases, ref, { spec });
  } catch (problem) {
    if (!hasCode(problem, 404)) throw problem;
    const metadata = { ...ref, ...(await owner(client, name)) };
    await client.create(resources.leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
  }
}

/** The lease goes with its node. */
async function owner(client: StageClient, name: string): Promise<Partial<KubeObject['metadata']>> {
  const { uid } = (await client.get(resources.nodes, undefined, name))?.metadata ?? {};
  return uid === undefined ? {} : { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }] };
}
