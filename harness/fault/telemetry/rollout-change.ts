import type { KubeObject, ObjectRef } from '../../cluster/client.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { pasteable } from '../../core/command.ts';
import { BlackstartError } from '../../core/errors.ts';
import { agentConfigAnnotation, agentDaemonSet } from '../../plan/agent-config.ts';
import type { Change } from '../../undo/change.ts';

export const agentsRef: ObjectRef = { apiVersion: 'apps/v1', kind: 'DaemonSet', ...agentDaemonSet };

const deleteTimeoutS = 60;

/**
 * Gives the agents another configuration. The undo takes the whole DaemonSet away:
 * going back to the old configuration would need a rollout, and leave an agent where there is to be none.
 */
export function rolloutChange(cluster: Cluster, rollout: string, config: string): Change {
  const argv = [
    ...cluster.kubectl,
    'delete',
    `DaemonSet.v1.apps/${agentsRef.name}`,
    '-n',
    agentDaemonSet.namespace,
    '--ignore-not-found',
    '--wait=true',
    `--timeout=${deleteTimeoutS}s`,
  ];
  return {
    describe: `rollout ${rollout} of DaemonSet ${agentDaemonSet.namespace}/${agentDaemonSet.name}`,
    undo: { argv, timeoutMs: (deleteTimeoutS + 10) * 1_000 },
    needs: 'api',
    snapshot: async () => {
      if (configOf(await cluster.api.get(agentsRef)) === undefined) {
        throw new BlackstartError('cluster', 'There is no telemetry agent whose configuration could be changed');
      }
    },
    apply: async () => {
      // The name makes a rollout of the same configuration a rollout too.
      const annotations = { [agentConfigAnnotation]: config, 'blackstart.dev/rollout': rollout };
      const template = { metadata: { annotations } };
      await cluster.api.patch(agentsRef, { spec: { template } });
    },
    verify: async () => {
      const pods = await cluster.api.list({
        apiVersion: 'v1',
        kind: 'Pod',
        namespace: agentDaemonSet.namespace,
        labelSelector: `app.kubernetes.io/name=${agentDaemonSet.name}`,
      });
      const left = [...pods.map(nameOf), ...((await cluster.api.get(agentsRef)) ? [nameOf(agentsRef)] : [])];
      return left.map((what) => ({ what, command: pasteable(argv) }));
    },
  };
}

function nameOf(object: KubeObject | ObjectRef): string {
  return `${object.kind} ${agentDaemonSet.namespace}/${'metadata' in object ? object.metadata.name : object.name}`;
}

/** The configuration in the pod template; undefined when there is none. */
function configOf(daemonSet: KubeObject | undefined): string | undefined {
  const spec = daemonSet?.spec as { readonly template?: { readonly metadata?: KubeObject['metadata'] } } | undefined;
  return spec?.template?.metadata?.annotations?.[agentConfigAnnotation];
}
