import { resolve } from 'node:path';
import type { KubeObject } from '../cluster/client.ts';
import { loadManifests, type PlaceholderValues } from '../cluster/manifests.ts';
import { agentConfig, agentDaemonSet } from '../plan/agent-config.ts';
import { proberPort } from '../plan/ports.ts';
import { controlPlaneAddress } from '../probe/lane-config.ts';
import { programFiles } from './program-files.ts';
import type { WorkloadsContext } from './workloads.ts';

/** Everything of the telemetry, ready to be applied: fake nodes, agents, rights, priority levels. Empty without any. */
export function telemetryObjects({ plan, cluster }: WorkloadsContext): readonly KubeObject[] {
  const { telemetry } = plan.cluster;
  if (!telemetry) return [];
  const { fakeNodes, podsPerNode, agent, fairness } = telemetry;
  // Its own address, not the Service's: kube-proxy lags behind an API server that comes back.
  const API_SERVER = `https://${controlPlaneAddress(cluster.nodes)}:6443`;
  const workers = cluster.nodes.filter(({ role }) => role === 'worker').length;
  const crowd = program('fake-nodes', {
    API_SERVER,
    FAKE_CONFIG: JSON.stringify({ nodes: fakeNodes, podsPerNode }),
  });
  const agents = program('telemetry-agent', {
    API_SERVER,
    NAMESPACE: agentDaemonSet.namespace,
    PROBER_PORT: proberPort,
    AGENT_CONFIG: agentConfig(agent, workers),
  });
  return [
    ...(fakeNodes > 0 ? crowd : []),
    ...agents,
    ...(fairness === 'default' ? [] : ours(`fairness/${fairness}.yaml`, {})),
  ];
}

function program(name: string, values: PlaceholderValues): KubeObject[] {
  const { configMap, hash } = programFiles(name, agentDaemonSet.namespace);
  return [configMap, ...ours(name, { ...values, FILES_HASH: hash })];
}

function ours(name: string, values: PlaceholderValues): KubeObject[] {
  return loadManifests(resolve(import.meta.dirname, '../../manifests', name), values);
}
