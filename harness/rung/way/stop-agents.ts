import { messageOf } from '../../core/errors.ts';
import type { WaySpec } from '../../experiment/rung-spec.ts';
import { twiceInARow } from '../../fault/confirm/watch.ts';
import { nameOf } from '../../fault/confirm/target-container.ts';
import { runningAgents } from '../agents.ts';
import type { RungContext, Way } from '../context.ts';
import { deleteAgentsAsAdmin, type Agents } from '../delete-agents.ts';
import { breakGlassDoor } from '../door.ts';
import { WayFailure } from '../way-failure.ts';

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
      deleteAgentsAsAdmin(overMs, agents, scope, context),
    ]);
    return breakGlassDoor(context.cluster);
  },
};

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
  throw new WayFailure(`The agents came back as often as they were stopped; last: ${problem}`);
}
