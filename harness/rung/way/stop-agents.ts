import { messageOf } from '../../core/errors.ts';
import type { WaySpec } from '../../experiment/rung-spec.ts';
import { twiceInARow } from '../../fault/confirm/watch.ts';
import { nameOf } from '../../fault/confirm/target-container.ts';
import { agentDaemonSet } from '../../plan/agent-config.ts';
import { runningAgents } from '../agents.ts';
import { BlackstartError } from '../../core/errors.ts';
import type { RungContext, Scope, Way } from '../context.ts';
import { breakGlassDoor } from '../door.ts';

const daemonSet = `/apis/apps/v1/namespaces/${agentDaemonSet.namespace}/daemonsets/${agentDaemonSet.name}`;
const callMs = 10_000;
const roundMs = 400;

/**
 * Stops the agents' containers out-of-band, as often as the kubelets start them again: within a second at first, later
 * with back-off. That makes room for the normal admin, who deletes the DaemonSet; only then they stay away.
 */
export const stopAgents: Way<Extract<WaySpec, { readonly way: 'stop-agents' }>> = {
  climb: async (_spec, scope, context) => {
    const overMs = scope.fromMs + scope.step.rung.withinMs;
    const deleted = { done: false };
    await Promise.all([
      scope.act("stop the agents' containers on their nodes", async () => await stopAll(overMs, deleted, context)),
      deleteAsAdmin(overMs, deleted, scope, context),
    ]);
    return breakGlassDoor(context.cluster);
  },
};

/** Gives how often it stopped what. */
async function stopAll(
  overMs: number,
  deleted: { readonly done: boolean },
  { cluster, clock, signal, nowMs }: RungContext,
): Promise<string> {
  const areGone = twiceInARow();
  const stops = new Map<string, number>();
  let problem = '';
  while (nowMs() < overMs) {
    try {
      const running = await runningAgents(cluster);
      if (areGone(running.length === 0 && deleted.done)) {
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

/** The normal admin deletes the DaemonSet as soon as a call gets through. */
async function deleteAsAdmin(
  overMs: number,
  deleted: { done: boolean },
  scope: Scope,
  { cluster, clock, signal, nowMs }: RungContext,
): Promise<void> {
  await scope.act('delete the DaemonSet as the normal admin', async () => {
    let said = 'it was never tried';
    for (let tries = 1; nowMs() < overMs; tries++) {
      try {
        const door = { credential: 'admin', via: 'address', port: null } as const;
        const { status } = await cluster.callApi(door, { method: 'DELETE', path: daemonSet }, callMs);
        said = `status ${status} at try ${tries}`;
        deleted.done = (status >= 200 && status < 300) || status === 404;
      } catch (failure) {
        said = messageOf(failure);
      }
      if (deleted.done) return said;
      await clock.sleep(roundMs, signal);
    }
    throw new BlackstartError('timeout', `The normal admin could not delete the DaemonSet: ${said}`);
  });
}
