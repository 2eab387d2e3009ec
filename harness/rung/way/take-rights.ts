import type { KubeObject, ObjectRef } from '../../cluster/client.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { pasteable } from '../../core/command.ts';
import { BlackstartError } from '../../core/errors.ts';
import type { WaySpec } from '../../experiment/rung-spec.ts';
import type { Change } from '../../undo/change.ts';
import type { Way } from '../context.ts';
import { breakGlassDoor } from '../door.ts';

const binding: ObjectRef = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  name: 'blackstart-telemetry-agent',
};

/** Their requests still wait for a seat, but each has it only for as long as a 403 takes: the queue is empty at once. */
export const takeRights: Way<Extract<WaySpec, { readonly way: 'take-rights' }>> = {
  climb: async (_spec, scope, { cluster }) => {
    const before = await cluster.api.get(binding);
    if (!before) throw new BlackstartError('cluster', `There is no ${binding.kind} ${binding.name} to take away`);
    scope.atEnd(async () => {
      await cluster.api.apply(fresh(before), 'blackstart');
    });
    await scope.perform(bindingGone(cluster, scope.step.name));
    return breakGlassDoor(cluster);
  },
};

/**
 * The binding is the telemetry's own and is gone in the end anyhow, so that is what the undo sees to: it is put back
 * only for the next attempt.
 */
function bindingGone({ api, kubectl }: Cluster, attempt: string): Change {
  const argv = [
    ...kubectl,
    'delete',
    `ClusterRoleBinding.v1.rbac.authorization.k8s.io/${binding.name}`,
    '--ignore-not-found',
    '--timeout=30s',
  ];
  return {
    describe: `delete ${binding.kind} ${binding.name} (${attempt})`,
    undo: { argv, timeoutMs: 40_000 },
    needs: 'api',
    snapshot: async () => {},
    apply: async () => await api.delete(binding),
    verify: async () =>
      (await api.get(binding)) ? [{ what: `${binding.kind} ${binding.name}`, command: pasteable(argv) }] : [],
  };
}

/** Without what belonged to the one that was deleted. */
function fresh({ apiVersion, kind, metadata, ...rest }: KubeObject): KubeObject {
  const { name, labels = {} } = metadata;
  return { apiVersion, kind, metadata: { name, labels }, ...rest };
}
