import { basename } from 'node:path';
import { serverOf } from '../../cluster/client-node.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { BlackstartError, messageOf } from '../../core/errors.ts';
import type { WaySpec } from '../../experiment/rung-spec.ts';
import type { Way } from '../context.ts';
import { clusterDoor, ownDoor } from '../door.ts';
import { WayFailure } from '../way-failure.ts';

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
  if (serverIn(kubeconfig) === serverOf(credentials.admin)) return;
  throw new BlackstartError(
    'foreign-cluster',
    `${basename(kubeconfig)} does not lead to the server of ${name}; nothing was sent`,
  );
}

/** A file that cannot be read is no way in. */
function serverIn(kubeconfig: string): string {
  try {
    return serverOf(kubeconfig);
  } catch (problem) {
    throw new WayFailure(messageOf(problem));
  }
}
