import { resolve } from 'node:path';
import type { KubeObject } from '../../cluster/client.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { loadManifests } from '../../cluster/manifests.ts';
import { pasteable } from '../../core/command.ts';
import type { WaySpec } from '../../experiment/rung-spec.ts';
import type { Change } from '../../undo/change.ts';
import type { Way } from '../context.ts';
import { breakGlassDoor } from '../door.ts';

const manifest = resolve(import.meta.dirname, '../../../manifests/fairness/agent-alone.yaml');

/** The agents get a flow and a small priority level of their own: they queue behind themselves alone. */
export const flowSchema: Way<Extract<WaySpec, { readonly way: 'flow-schema' }>> = {
  climb: async (_spec, scope, { cluster }) => {
    await scope.perform(ownLevel(cluster, loadManifests(manifest)));
    return breakGlassDoor(cluster);
  },
};

/** As break-glass: nobody else gets through. */
function ownLevel({ api, kubectl }: Cluster, objects: readonly KubeObject[]): Change {
  const names = objects.map(({ kind, apiVersion, metadata }) => {
    const [group = '', version = ''] = apiVersion.split('/');
    return `${kind}.${version}.${group}/${metadata.name}`;
  });
  const argv = [...kubectl, 'delete', ...names, '--ignore-not-found', '--timeout=30s'];
  return {
    describe: 'a FlowSchema and a priority level for the agents alone',
    undo: { argv, timeoutMs: 40_000 },
    needs: 'api',
    snapshot: async () => {},
    apply: async () => {
      // The level before the schema that refers to it.
      for (const object of objects) await api.apply(object, 'blackstart');
    },
    verify: async () => {
      const found = await Promise.all(
        objects.map(async ({ kind, apiVersion, metadata: { name } }) => await api.get({ kind, apiVersion, name })),
      );
      return found.flatMap((one) =>
        one ? [{ what: `${one.kind} ${one.metadata.name}`, command: pasteable(argv) }] : [],
      );
    },
  };
}
