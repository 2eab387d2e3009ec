import { BlackstartError } from '../../core/errors.ts';
import type { WaySpec } from '../../experiment/rung-spec.ts';
import { runningAgents } from '../agents.ts';
import type { Way } from '../context.ts';
import { breakGlassDoor } from '../door.ts';

/** Beyond the rung's own time: a timer in the node lets the containers run on at the latest then. */
const slackMs = 120_000;

/**
 * Half of the nodes are taken out of the cluster. What that does to the load is what is modelled: their agents send
 * nothing any more. The nodes themselves stay, or the data plane on them could not be watched.
 */
export const fewerNodes: Way<Extract<WaySpec, { readonly way: 'fewer-nodes' }>> = {
  climb: async (_spec, scope, { cluster }) => {
    const running = await runningAgents(cluster);
    const names = cluster.nodes.filter(({ role }) => role === 'worker').map(({ name }) => name);
    const taken = names.filter((_, index) => index % 2 === 1);
    const frozen = running.filter(({ node }) => taken.includes(node.name));
    if (frozen.length === 0) throw new BlackstartError('cluster', 'No agent runs on every second worker');
    const withinMs = scope.step.rung.withinMs + slackMs;
    for (const { node, container } of frozen) await scope.perform(node.containers.freeze(container, withinMs));
    return breakGlassDoor(cluster);
  },
};
