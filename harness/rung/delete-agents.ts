import type { ApiAnswer, ApiCall } from '../cluster/api-connection.ts';
import type { ApiDoor } from '../cluster/cluster.ts';
import { messageOf } from '../core/errors.ts';
import { deleteAgentsAct } from '../core/rung-events.ts';
import { daemonSetPath, podsIn, podsPath } from './agent-objects.ts';
import type { RungContext, Scope } from './context.ts';
import { WayFailure } from './way-failure.ts';

const callMs = 10_000;
const retryMs = 400;

const byAddress: ApiDoor = { credential: 'admin', via: 'address', port: null };

/** Shared by those who work on it: the DaemonSet and its pods are gone, as the admin sees it. */
export interface Agents {
  gone: boolean;
}

/**
 * The normal admin deletes the agents' DaemonSet as soon as a call gets through, and looks until its pods are gone: kubelets
 * start those again that stay, and they stay while the controller manager is down. Rejects when time is over before that.
 */
export async function deleteAgentsAsAdmin(
  overMs: number,
  agents: Agents,
  scope: Scope,
  context: RungContext,
  door = byAddress,
): Promise<void> {
  const asAdmin = async (call: ApiCall): Promise<ApiAnswer> => await context.cluster.callApi(door, call, callMs);
  await scope.act(deleteAgentsAct, async () => {
    const deleted = await untilSaid(overMs, context, async () => {
      const { status } = await asAdmin({ method: 'DELETE', path: daemonSetPath });
      return { is: (status >= 200 && status < 300) || status === 404, said: `status ${status}` };
    });
    const gone = await untilSaid(overMs, context, async () => {
      const left = podsIn(await asAdmin({ method: 'GET', path: podsPath }));
      return { is: left === 0, said: left === undefined ? 'its pods cannot be read' : `${left} pods left` };
    });
    agents.gone = true;
    return `${deleted}; its pods: ${gone}`;
  });
}

/** Tries until it is so; gives what was said last, and at which try. Throws with it when time is over. */
async function untilSaid(
  overMs: number,
  { clock, signal, nowMs }: RungContext,
  attempt: () => Promise<{ readonly is: boolean; readonly said: string }>,
): Promise<string> {
  let last = 'it was never tried';
  for (let tries = 1; nowMs() < overMs; tries++) {
    try {
      const { is, said } = await attempt();
      last = said;
      if (is) return `${said} at try ${tries}`;
    } catch (failure) {
      last = messageOf(failure);
    }
    await clock.sleep(retryMs, signal);
  }
  throw new WayFailure(`The normal admin could not remove the agents: ${last}`);
}
