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
  return {
    describe: `rollout ${rollout} of ${nameOf(agentsRef)}`,
    ...takingAgentsAway(cluster),
    snapshot: async () => {
      if (configOf(await cluster.api.get(agentsRef)) === undefined) {
        throw new BlackstartError('cluster', 'There is no telemetry agent whose configuration could be changed');
      }
    },
    apply: async () => {
      const template = { metadata: { annotations: annotationsOf(rollout, config) } };
      await cluster.api.patch(agentsRef, { spec: { template } });
    },
  };
}

/** Puts the agents there again, as they were (`before`, with its spec), with this configuration. */
export function restoreChange(cluster: Cluster, before: KubeObject, rollout: string, config: string): Change {
  const { labels = {} } = before.metadata;
  const spec = before.spec as unknown as DaemonSetSpec;
  const metadata = {
    ...spec.template.metadata,
    annotations: { ...spec.template.metadata?.annotations, ...annotationsOf(rollout, config) },
  };
  return {
    describe: `rollout ${rollout} of ${nameOf(agentsRef)}, applied again`,
    ...takingAgentsAway(cluster),
    snapshot: async () => {},
    apply: async () => {
      const { apiVersion, kind } = agentsRef;
      const object = { apiVersion, kind, metadata: { ...agentDaemonSet, labels } };
      await cluster.api.apply({ ...object, spec: { ...spec, template: { ...spec.template, metadata } } }, 'blackstart');
    },
  };
}

/** The configuration in the pod template; undefined when there is none. */
export function configOf(daemonSet: KubeObject | undefined): string | undefined {
  const spec = daemonSet?.spec as Partial<DaemonSetSpec> | undefined;
  return spec?.template?.metadata?.annotations?.[agentConfigAnnotation];
}

interface DaemonSetSpec {
  readonly template: { readonly metadata?: KubeObject['metadata'] };
}

/** The name makes a rollout of the same configuration a rollout too. */
function annotationsOf(rollout: string, config: string): Readonly<Record<string, string>> {
  return { [agentConfigAnnotation]: config, 'blackstart.dev/rollout': rollout };
}

function takingAgentsAway(cluster: Cluster): Pick<Change, 'undo' | 'needs' | 'verify'> {
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
    undo: { argv, timeoutMs: (deleteTimeoutS + 10) * 1_000 },
    needs: 'api',
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
