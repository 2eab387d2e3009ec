import { BlackstartError } from '../../core/errors.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { NodePauseSpec } from '../../experiment/spec.ts';
import { laneFailed } from '../confirm/lane-failed.ts';
import { combine } from '../confirm/observation.ts';
import { nodePaused } from '../confirm/standstill.ts';
import type { FaultContext, FaultDefinition, FaultOutcome } from '../fault.ts';
import { injectingSinceMs, recall } from '../memory.ts';

const timeoutMs = 15_000;

/** Stops the control-plane nodes as a whole, with all that runs there. */
export const nodePause: FaultDefinition<NodePauseSpec> = {
  kind: 'node-pause',
  describe: () => ({
    does: 'pause the node as a whole: every process on it stands still',
    targets: 'every control-plane node',
    confirmedBy: ['docker: the node is paused', 'prober: requests to the API server time out, on every other node'],
    undo: 'continue the node, from the host only',
  }),
  targets: async (_spec, { cluster }) => {
    freezerOf(cluster);
    return controlPlane(cluster);
  },
  inject: async (_spec, { cluster, perform }) => {
    const freezer = freezerOf(cluster);
    await Promise.all(controlPlane(cluster).map(async (node) => await perform(freezer.pause(node))));
  },
  confirm: async (_spec, context) => await confirm(context),
};

async function confirm(context: FaultContext): Promise<FaultOutcome> {
  const { cluster, observations } = context;
  const sinceMs = recall(context, injectingSinceMs);
  const targets = controlPlane(cluster);
  // The prober of a paused node stands still as well.
  const nodes = observations.nodes.filter((node) => !targets.includes(node));
  const outcomes = /^(?:connect|request):timeout/;
  const [silent, paused] = await Promise.all([
    laneFailed(
      { lane: observations.apiLane, outcomes, nodes, on: 'every', forGood: true, sinceMs, timeoutMs },
      context,
    ),
    Promise.all(
      targets.map(async (name) => ({
        name,
        seen: await nodePaused(name, freezerOf(cluster), context, { intervalMs: 250, timeoutMs }),
      })),
    ),
  ]);
  return { kills: null, targets: paused.map(({ name, seen }) => combine(name, [seen, silent])) };
}

function controlPlane(cluster: Cluster): readonly string[] {
  return cluster.nodes.filter(({ role }) => role === 'control-plane').map(({ name }) => name);
}

function freezerOf(cluster: Cluster): NonNullable<Cluster['freezer']> {
  if (cluster.freezer) return cluster.freezer;
  throw new BlackstartError('environment', `Nodes of cluster ${cluster.name} cannot be paused`, {
    hint: 'Use a backend whose nodes can be paused from outside.',
  });
}
