import { applyObjects } from '../cluster/apply.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { pasteable } from '../core/command.ts';
import type { Change } from '../undo/change.ts';
import { telemetryObjects } from './telemetry-objects.ts';
import { namespaceGone, type WorkloadsContext } from './workloads.ts';

/** On everything of ours outside the namespace `blackstart`: fake nodes, their namespace, rights, priority levels. */
const label = 'blackstart.dev/telemetry=true';

const kinds = [
  { apiVersion: 'v1', kind: 'Node', plural: 'nodes' },
  { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces' },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', plural: 'clusterroles.rbac.authorization.k8s.io' },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    plural: 'clusterrolebindings.rbac.authorization.k8s.io',
  },
  {
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    kind: 'FlowSchema',
    plural: 'flowschemas.flowcontrol.apiserver.k8s.io',
  },
  {
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    kind: 'PriorityLevelConfiguration',
    plural: 'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io',
  },
] as const;

/** A thousand nodes, one DELETE each, at the 50 a second that kubectl allows itself. */
const deleteTimeoutS = 120;

/** What the telemetry needs outside our namespace: rights, and how API Priority and Fairness treats it. */
export function telemetryChange(context: WorkloadsContext): Change {
  const { cluster, run, signal } = context;
  const argv = deleteCommand(cluster);
  return {
    describe: 'fake nodes, rights and priority levels of the telemetry',
    undo: { argv, timeoutMs: (deleteTimeoutS + 10) * 1_000 },
    needs: 'api',
    snapshot: async () => undefined,
    apply: async () => {
      await namespaceGone('blackstart-fake', context);
      const outside = kinds.map(({ kind }): string => kind);
      const objects = telemetryObjects(context).filter(({ kind }) => outside.includes(kind));
      await applyObjects(objects, { kubectl: cluster.kubectl, run, signal });
    },
    verify: async () => {
      const left = await Promise.all(
        kinds.map(async ({ apiVersion, kind }) => await cluster.api.list({ apiVersion, kind, labelSelector: label })),
      );
      return left.flat().map(({ kind, metadata }) => ({ what: `${kind} ${metadata.name}`, command: pasteable(argv) }));
    },
  };
}

/** Everything has the label, so that one command finds it whatever was made. */
function deleteCommand({ kubectl }: Cluster): string[] {
  const types = kinds.map(({ plural }) => plural).join(',');
  const flags = ['-l', label, '--ignore-not-found', '--wait=true', `--timeout=${deleteTimeoutS}s`];
  return [...kubectl, 'delete', types, ...flags];
}
