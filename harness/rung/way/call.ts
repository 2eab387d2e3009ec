import { basename } from 'node:path';
import { serverOf } from '../../cluster/client-node.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { BlackstartError } from '../../core/errors.ts';
import type { WaySpec } from '../../experiment/rung-spec.ts';
import type { Way } from '../context.ts';
import { clusterDoor, ownDoor } from '../door.ts';

/** Only calls the API: nothing is changed, the door is what is tried. */
export const call: Way<Extract<WaySpec, { readonly way: 'call' }>> = {
  climb: async ({ credential, via, kubeconfig }, _scope, { cluster }) => {
    if (kubeconfig === null) return clusterDoor(cluster, { credential, via, port: null });
    refuseOthers(kubeconfig, cluster);
    return ownDoor(cluster, kubeconfig);
  },
};

/** A file of the team's own may lead to a cluster that is not ours to try anything on. */
function refuseOthers(kubeconfig: string, { credentials, name }: Cluster): void {
  if (serverOf(kubeconfig) === serverOf(credentials.admin)) return;
  throw new BlackstartError(
    'foreign-cluster',
    `${basename(kubeconfig)} does not lead to the server of ${name}; nothing was sent`,
  );
}
