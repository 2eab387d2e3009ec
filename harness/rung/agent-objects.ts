import type { ApiAnswer } from '../cluster/api-connection.ts';
import type { ApiDoor } from '../cluster/cluster.ts';
import { agentDaemonSet } from '../plan/agent-config.ts';
import type { RungContext } from './context.ts';

const { namespace, name } = agentDaemonSet;

export const daemonSetPath = `/apis/apps/v1/namespaces/${namespace}/daemonsets/${name}`;
export const podsPath = `/api/v1/namespaces/${namespace}/pods?labelSelector=app.kubernetes.io%2Fname%3D${name}`;

const byAddress: ApiDoor = { credential: 'break-glass', via: 'address', port: null };
const callMs = 10_000;
const tries = 3;
const retryMs = 1_000;

/** How many pods an answer lists; undefined when it is no list. */
export function podsIn({ status, body }: ApiAnswer): number | undefined {
  if (status !== 200) return undefined;
  return ((JSON.parse(body) as { items?: readonly unknown[] }).items ?? []).length;
}

/**
 * What the API still holds of the agents, asked as break-glass; null when it cannot be asked. While there is a DaemonSet or
 * a pod, a kubelet may start its container again after a back-off of minutes.
 */
export async function objectsLeft({ cluster, clock, signal }: RungContext): Promise<readonly string[] | null> {
  for (let tried = 1; tried <= tries; tried++) {
    try {
      const { status } = await cluster.callApi(byAddress, { method: 'GET', path: daemonSetPath }, callMs);
      const pods = podsIn(await cluster.callApi(byAddress, { method: 'GET', path: podsPath }, callMs));
      if ((status === 200 || status === 404) && pods !== undefined) {
        return [...(status === 200 ? [`DaemonSet ${name}`] : []), ...(pods > 0 ? [`${pods} of its pods`] : [])];
      }
    } catch {
      // Asked again.
    }
    await clock.sleep(retryMs, signal);
  }
  return null;
}
