import { agentConfig, agentDaemonSet } from '../../plan/agent-config.ts';
import { describeAgent } from '../../plan/describe-agent.ts';
import type { TelemetryRolloutSpec } from '../../experiment/spec.ts';
import { containerEnded, newestContainer, watchContainerEnd } from '../confirm/container-changed.ts';
import { combine, type Observation } from '../confirm/observation.ts';
import { runningContainers, type TargetContainer } from '../confirm/target-container.ts';
import { watchFor } from '../confirm/watch.ts';
import type { FaultContext, FaultDefinition, FaultOutcome } from '../fault.ts';
import { injectingSinceMs, recall, remember, type MemoryKey } from '../memory.ts';
import { rolloutChange } from './rollout-change.ts';

const containersKey: MemoryKey<readonly TargetContainer[]> = { name: 'agent-containers' };
const containerName = 'agent';
/** New pods take seconds, and a minute behind an API server that is busy already. */
const timeoutMs = 90_000;

/**
 * A change of configuration that turns a harmless agent into one that drowns the API server. What is confirmed is the
 * rollout: other agents run, in the mode that was asked for. What that does to the API is for the expectations.
 */
export const telemetryRollout: FaultDefinition<TelemetryRolloutSpec> = {
  kind: 'telemetry-rollout',
  describe: ({ agent }) => ({
    does: `roll out another configuration of the telemetry agent: ${describeAgent(agent)}`,
    targets: 'the agents on every worker',
    confirmedBy: [
      'crictl: the container of the agent that ran before has ended, another runs',
      'agent: another pod tells its counters, runs the mode that was asked for and has sent requests',
    ],
    undo: 'delete the DaemonSet with the break-glass credential',
  }),
  targets: async (_spec, context) => {
    const containers = await runningContainers(context.cluster.nodes, containerName, agentDaemonSet.namespace);
    remember(context, containersKey, containers);
    return containers.map(nameOn);
  },
  inject: async ({ agent }, context) => {
    const { cluster, observations, perform, name } = context;
    await perform(rolloutChange(cluster, name, agentConfig(agent, observations.nodes.length)));
  },
  confirm: async (spec, context) => await confirm(spec, context),
};

async function confirm({ agent }: TelemetryRolloutSpec, context: FaultContext): Promise<FaultOutcome> {
  const targets = await Promise.all(
    recall(context, containersKey).map(async (before) => {
      const seen = await Promise.all([replaced(before, context), reports(before, agent.mode, context)]);
      return combine(nameOn(before), seen);
    }),
  );
  return { kills: null, targets };
}

async function replaced(before: TargetContainer, context: FaultContext): Promise<Observation> {
  const end = await watchContainerEnd(before, context, { intervalMs: 1_000, timeoutMs });
  // It is of another pod, so it is no attempt of the same container.
  const newest = await newestContainer(before).catch(() => undefined);
  return containerEnded(end, recall(context, injectingSinceMs), newest);
}

async function reports(before: TargetContainer, mode: string, context: FaultContext): Promise<Observation> {
  const node = before.node.name;
  const look = (): string | undefined => {
    const found = context.observations
      .reports(node)
      .find((one) => one.pod !== before.container.pod && one.mode === mode && one.requests > 0);
    if (!found) return undefined;
    const { pod, requests, ok, refused, inFlight } = found;
    return `${pod}, mode ${mode}: ${requests} requests, ${ok} answered, ${refused} answered 429, ${inFlight} in flight`;
  };
  const { seen } = await watchFor(look, context, { intervalMs: 500, timeoutMs });
  return seen === undefined
    ? { source: 'agent', saw: 'no-effect', text: `on ${node}: no report of another pod in mode ${mode}` }
    : { source: 'agent', saw: 'effect', text: `on ${node}: ${seen}` };
}

function nameOn({ node }: TargetContainer): string {
  return `${node.name}/telemetry-agent`;
}
