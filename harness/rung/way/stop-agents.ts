import type { ApiAnswer, ApiCall } from '../../cluster/api-connection.ts';
import { BlackstartError, messageOf } from '../../core/errors.ts';
import type { WaySpec } from '../../experiment/rung-spec.ts';
import { twiceInARow } from '../../fault/confirm/watch.ts';
import { nameOf } from '../../fault/confirm/target-container.ts';
import { agentDaemonSet } from '../../plan/agent-config.ts';
import { runningAgents } from '../agents.ts';
import type { RungContext, Scope, Way } from '../context.ts';
import { breakGlassDoor } from '../door.ts';

const daemonSet = `/apis/apps/v1/namespaces/${agentDaemonSet.namespace}/daemonsets/${agentDaemonSet.name}`;
const pods = `/api/v1/namespaces/${agentDaemonSet.namespace}/pods?labelSelector=app.kubernetes.io%2Fname%3D${agentDaemonSet.name}`;
const callMs = 10_000;
const roundMs = 400;

/**
 * Stops the agents' containers out-of-band, as often as the kubelets start them again: within a second at first, later
 * with back-off. That makes room for the normal admin, who deletes the DaemonSet; only then they stay away.
 */
export const stopAgents: Way<Extract<WaySpec, { readonly way: 'stop-agents' }>> = {
  climb: async (_spec, scope, context) => {
    const overMs = scope.fromMs + scope.step.rung.withinMs;
    const agents: Agents = { gone: false };
    await Promise.all([
      scope.act("stop the agents' containers on their nodes", async () => await stopAll(overMs, agents, context)),
      deleteAsAdmin(overMs, agents, scope, context),
    ]);
    return breakGlassDoor(context.cluster);
  },
};

/** Shared by the two halves: the DaemonSet and its pods are gone, as the admin sees it. */
interface Agents {
  gone: boolean;
}

/** Gives how often it stopped what. */
async function stopAll(
  overMs: number,
  agents: Readonly<Agents>,
  { cluster, clock, signal, nowMs }: RungContext,
): Promise<string> {
  const areGone = twiceInARow();
  const stops = new Map<string, number>();
  let problem = '';
  while (nowMs() < overMs) {
    try {
      const running = await runningAgents(cluster);
      if (areGone(running.length === 0 && agents.gone)) {
        return [...stops].map(([node, count]) => `${count} times on ${node}`).join(', ');
      }
      await Promise.all(running.map(async ({ node, container }) => await node.containers.stop(container.id)));
      for (const { node } of running) stops.set(node.name, (stops.get(node.name) ?? 0) + 1);
      problem = running.map(nameOf).join(', ');
    } catch (failure) {
      // It may have ended by itself in between; the next round looks again.
      problem = messageOf(failure);
    }
    await clock.sleep(roundMs, signal);
  }
  throw new BlackstartError('timeout', `The agents came back as often as they were stopped; last: ${problem}`);
}

/**
 * The normal admin deletes the DaemonSet as soon as a call gets through, and looks until its pods are gone: kubelets start
 * those again that stay, and they stay while the controller manager is down.
 */
async function deleteAsAdmin(overMs: number, agents: Agents, scope: Scope, context: RungContext): Promise<void> {
  await scope.act('delete the DaemonSet as the normal admin', async () => {
    const deleted = await untilSaid(overMs, context, async () => {
      const { status } = await asAdmin(context, { method: 'DELETE', path: daemonSet });
      return { is: (status >= 200 && status < 300) || status === 404, said: `status ${status}` };
    });
    const gone = await untilSaid(overMs, context, async () => {
      const { status, body } = await asAdmin(context, { method: 'GET', path: pods });
      const { items = [] } = status === 200 ? (JSON.parse(body) as { items?: readonly unknown[] }) : { items: [body] };
      return { is: items.length === 0, said: `${items.length} pods left` };
    });
    agents.gone = true;
    return `${deleted}; its pods: ${gone}`;
  });
}

async function asAdmin({ cluster }: RungContext, call: ApiCall): Promise<ApiAnswer> {
  return await cluster.callApi({ credential: 'admin', via: 'address', port: null }, call, callMs);
}

/** Tries until it is so; gives what was said last, and at which try. Throws `timeout` with it when time is over. */
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
    await clock.sleep(roundMs, signal);
  }
  throw new BlackstartError('timeout', `The normal admin could not remove the agents: ${last}`);
}
