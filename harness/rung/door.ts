import { basename } from 'node:path';
import type { ApiAnswer, ApiCall } from '../cluster/api-connection.ts';
import { callAs } from '../cluster/client-node.ts';
import type { ApiDoor, Cluster } from '../cluster/cluster.ts';

/** A way to call the API, and another one through which what it wrote is read back. */
export interface Door {
  /** For example `break-glass on the control-plane node`. */
  readonly describe: string;
  call(call: ApiCall, deadlineMs: number): Promise<ApiAnswer>;
  readonly other: Omit<Door, 'other'>;
}

const byAddress: ApiDoor = { credential: 'break-glass', via: 'address', port: null };
const byLoopback: ApiDoor = { credential: 'break-glass', via: 'loopback', port: null };

/** A door of the cluster's own. */
export function clusterDoor(cluster: Cluster, door: ApiDoor): Door {
  return { ...bound(cluster, door), other: bound(cluster, door.via === 'address' ? byLoopback : byAddress) };
}

/** As break-glass, at the address that operators use. */
export function breakGlassDoor(cluster: Cluster): Door {
  return clusterDoor(cluster, byAddress);
}

/** The door that a kubeconfig of the team's own leads to. */
export function ownDoor(cluster: Cluster, kubeconfig: string): Door {
  return {
    describe: `${basename(kubeconfig)} by its address`,
    call: async (call, deadlineMs) => await callAs(kubeconfig, call, { deadlineMs }),
    other: bound(cluster, byLoopback),
  };
}

function bound(cluster: Cluster, door: ApiDoor): Omit<Door, 'other'> {
  const { credential, via, port } = door;
  const where = via === 'address' ? 'by its address' : 'on the control-plane node';
  return {
    describe: `${credential} ${where}${port === null ? '' : `, port ${port}`}`,
    call: async (call, deadlineMs) => await cluster.callApi(door, call, deadlineMs),
  };
}
