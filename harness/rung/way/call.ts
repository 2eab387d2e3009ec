import type { WaySpec } from '../../experiment/rung-spec.ts';
import type { Way } from '../context.ts';
import { clusterDoor, ownDoor } from '../door.ts';

/** Only calls the API: nothing is changed, the door is what is tried. */
export const call: Way<Extract<WaySpec, { readonly way: 'call' }>> = {
  climb: async ({ credential, via, kubeconfig }, _scope, { cluster }) =>
    kubeconfig === null ? clusterDoor(cluster, { credential, via, port: null }) : ownDoor(cluster, kubeconfig),
};
