import { resolve } from 'node:path';
import type { KubeObject, ObjectRef } from '../cluster/client.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { loadManifests } from '../cluster/manifests.ts';
import { BlackstartError } from '../core/errors.ts';
import { pasteable } from '../core/command.ts';
import type { PlannedService } from '../plan/plan.ts';
import type { Change } from '../undo/change.ts';

const ourNamespace: ObjectRef = { apiVersion: 'v1', kind: 'Namespace', name: 'blackstart' };
const deleteTimeoutS = 60;

/**
 * Everything that we put into a cluster that stays: our namespace, and the user's own objects that were not there before.
 * `apply` deploys them.
 */
export function workloadsChange(cluster: Cluster, apply: () => Promise<void>, service?: PlannedService): Change {
  let added: readonly ObjectRef[] = [ourNamespace];
  return {
    describe: `workloads in namespace ${ourNamespace.name}`,
    needs: 'api',
    get undo() {
      return { argv: deleteCommand(cluster, added), timeoutMs: (deleteTimeoutS + 10) * 1_000 };
    },
    snapshot: async () => {
      added = [ourNamespace, ...(await absent(cluster, usersObjects(service)))];
    },
    apply,
    verify: async () => {
      const gone = await absent(cluster, added);
      const left = added.filter((ref) => !gone.includes(ref));
      return left.map((ref) => ({
        what: `${ref.kind} ${ref.namespace === undefined ? '' : `${ref.namespace}/`}${ref.name}`,
        command: pasteable(deleteCommand(cluster, [ref])),
      }));
    },
  };
}

function usersObjects(service: PlannedService | undefined): ObjectRef[] {
  if (service === undefined || service.manifests === null) return [];
  const objects = loadManifests(resolve(service.manifests));
  const elsewhere = objects.find(({ metadata }) => (metadata.namespace ?? service.namespace) !== service.namespace);
  if (elsewhere) {
    throw new BlackstartError(
      'invalid-experiment',
      `${elsewhere.kind} ${elsewhere.metadata.name} is in another namespace than the service`,
      {
        hint: `Put everything in --manifests into namespace ${service.namespace}: the undo is one command.`,
      },
    );
  }
  return objects.map((object: KubeObject) => ({
    apiVersion: object.apiVersion,
    kind: object.kind,
    namespace: object.metadata.namespace ?? service.namespace,
    name: object.metadata.name,
  }));
}

async function absent(cluster: Cluster, refs: readonly ObjectRef[]): Promise<ObjectRef[]> {
  const found = await Promise.all(refs.map(async (ref) => await cluster.api.get(ref)));
  return refs.filter((_ref, index) => found[index] === undefined);
}

/** One command, so that it can be run by any other process: names it may not find are no error. */
function deleteCommand(cluster: Cluster, refs: readonly ObjectRef[]): string[] {
  const namespace = refs.find((ref) => ref.namespace !== undefined)?.namespace;
  return [
    ...cluster.kubectl,
    'delete',
    ...refs.map(resourceName),
    ...(namespace === undefined ? [] : ['-n', namespace]),
    '--ignore-not-found',
    '--wait=true',
    `--timeout=${deleteTimeoutS}s`,
  ];
}

/** `Deployment.v1.apps/web`: exact, whatever else is installed under the same kind. */
function resourceName({ apiVersion, kind, name }: ObjectRef): string {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/', 2) : ['', apiVersion];
  return `${kind}.${version}.${group}/${name}`;
}
