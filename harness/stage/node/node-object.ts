import { readFileSync } from 'node:fs';
import { arch, cpus, release, totalmem } from 'node:os';
import type { KubeObject } from '../client/types.ts';

export interface NodeSettings {
  readonly name: string;
  readonly address: string;
  readonly role: 'control-plane' | 'worker';
  readonly podCidr: string;
}

export interface NodeCondition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  lastHeartbeatTime: string;
  lastTransitionTime: string;
}

const controlPlane = 'node-role.kubernetes.io/control-plane';

/** What pods may use: the whole machine, on every node. */
export function capacity(): Record<string, string> {
  const memory = `${Math.floor(totalmem() / 1_024)}Ki`;
  return { cpu: String(cpus().length), memory, pods: '110', 'ephemeral-storage': '100Gi' };
}

/** The Node as it is created. */
export function nodeObject({ name, role, podCidr }: NodeSettings): KubeObject {
  const isControlPlane = role === 'control-plane';
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: nodeLabels(name, role) },
    spec: {
      podCIDR: podCidr,
      podCIDRs: [podCidr],
      ...(isControlPlane && { taints: [{ key: controlPlane, effect: 'NoSchedule' }] }),
    },
  };
}

export function nodeLabels(name: string, role: NodeSettings['role']): Record<string, string> {
  const architecture = goArchitecture();
  return {
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': 'linux',
    'beta.kubernetes.io/arch': architecture,
    ...(role === 'control-plane' && { [controlPlane]: '' }),
  };
}

/** The status to report; `before` is what the API has. `now` as the API writes times. */
export function nodeStatus({ name, address }: NodeSettings, before: readonly NodeCondition[], now: string): object {
  return {
    capacity: capacity(),
    allocatable: capacity(),
    conditions: conditions(before, now),
    addresses: [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: name },
    ],
    nodeInfo: {
      machineID: name,
      systemUUID: name,
      bootID: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      kernelVersion: release(),
      osImage: 'Blackstart stage',
      containerRuntimeVersion: `blackstart://${process.version.slice(1)}`,
      kubeletVersion: 'v1.34.0',
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: goArchitecture(),
    },
  };
}

function conditions(before: readonly NodeCondition[], now: string): NodeCondition[] {
  return [
    ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'] as const,
    ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'] as const,
    ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'] as const,
    ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'] as const,
  ].map(([type, status, reason, message]) => {
    const known = before.find((one) => one.type === type);
    const lastTransitionTime = known?.status === status ? known.lastTransitionTime : now;
    return { type, status, reason, message, lastHeartbeatTime: now, lastTransitionTime };
  });
}

/** The name that Go, and so Kubernetes, has for this machine's architecture. */
function goArchitecture(): string {
  return arch() === 'x64' ? 'amd64' : arch();
}
