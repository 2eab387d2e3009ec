/** What is made, as the API reads it. */

export const namespace = 'blackstart-fake';
export const fakeLabel = 'blackstart.dev/fake';
/** A Ready node must say within its grace period (50 s) that it is there. */
const leaseDurationS = 40;
const image = 'registry.k8s.io/pause:3.10';
const fillerKey = 'blackstart.dev/filler';
/** When all this began, as far as anybody can see. */
const since = '2024-12-11T00:00:00Z';

export interface FakePod {
  readonly name: string;
  readonly node: string;
}

/** `blackstart-fake-0001` and so on. */
export function nodeNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `blackstart-fake-${padded(index + 1, 4)}`);
}

/** `fake-0001-01` and so on. */
export function podsOf(nodes: readonly string[], podsPerNode: number): FakePod[] {
  return nodes.flatMap((node) =>
    Array.from({ length: podsPerNode }, (_, index) => ({
      node,
      name: `${node.replace('blackstart-', '')}-${padded(index + 1, 2)}`,
    })),
  );
}

function padded(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}

/**
 * A node without the label `kubernetes.io/os`: what runs on every node of a cluster selects it, and stays away. Without
 * an address too: the CNI needs no route to it.
 */
export function nodeObject(name: string, podsPerNode: number): object {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        [fakeLabel]: 'true',
        // What clears up after telemetry deletes everything outside our namespace by this one.
        'blackstart.dev/telemetry': 'true',
        'app.kubernetes.io/managed-by': 'blackstart',
      },
    },
    spec: { taints: [{ key: fakeLabel, value: 'true', effect: 'NoSchedule' }] },
    status: nodeStatus(podsPerNode),
  };
}

/** Times never change, so that writing it again changes nothing where nothing is wrong. */
export function nodeStatus(podsPerNode: number): object {
  const capacity = { cpu: '8', memory: '32Gi', 'ephemeral-storage': '100Gi', pods: String(Math.max(110, podsPerNode)) };
  const conditions = [
    { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory' },
    { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure' },
    { type: 'PIDPressure', status: 'False', reason: 'KubeletHasSufficientPID' },
    { type: 'Ready', status: 'True', reason: 'KubeletReady' },
  ].map((one) => ({ ...one, message: 'fake', lastHeartbeatTime: since, lastTransitionTime: since }));
  return { capacity, allocatable: capacity, conditions };
}

/** A pod that nobody schedules, runs or evicts; `filler` makes it as large as real ones are. */
export function podObject({ name, node }: FakePod, fillerBytes: number): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels: { [fakeLabel]: 'true', 'app.kubernetes.io/managed-by': 'blackstart' },
      annotations: { [fillerKey]: 'x'.repeat(fillerBytes) },
    },
    spec: {
      nodeName: node,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      tolerations: [{ operator: 'Exists' }],
      containers: [{ name: 'pause', image }],
    },
  };
}

export function podStatus(): object {
  return {
    phase: 'Running',
    startTime: since,
    conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
      type,
      status: 'True',
      lastTransitionTime: since,
    })),
    containerStatuses: [
      {
        name: 'pause',
        image,
        imageID: image,
        ready: true,
        started: true,
        restartCount: 0,
        state: { running: { startedAt: since } },
      },
    ],
  };
}

/** How many bytes a pod, as the API server gives it, has beside its filler. */
export function bytesBesideFiller(answer: string): number {
  const { metadata } = JSON.parse(answer) as { metadata: { annotations?: Record<string, string> } };
  return Buffer.byteLength(answer) - (metadata.annotations?.[fillerKey] ?? '').length;
}

export function leaseSpec(node: string, now: Date): object {
  // The API writes these times with microseconds.
  const renewTime = now.toISOString().replace('Z', '000Z');
  return { holderIdentity: node, leaseDurationSeconds: leaseDurationS, renewTime };
}

/** The lease goes with its node. */
export function leaseObject(node: string, uid: string, now: Date): object {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: node, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node, uid }] },
    spec: leaseSpec(node, now),
  };
}
