import { agentConfig } from '../../plan/agent-config.ts';
import { describeAgent } from '../../plan/describe-agent.ts';
import { operatorNode } from '../../plan/plan.ts';
import type { TelemetryRolloutSpec } from '../../experiment/spec.ts';
import { laneFailed } from '../confirm/lane-failed.ts';
import { combine, type Observation } from '../confirm/observation.ts';
import { watchFor } from '../confirm/watch.ts';
import type { FaultContext, FaultDefinition, FaultOutcome } from '../fault.ts';
import { injectingSinceMs, recall } from '../memory.ts';
import { rolloutChange } from './rollout-change.ts';

/** New pods take seconds; the first call of an operator fails at its deadline, 10 s after it was sent. */
const timeoutMs = 90_000;

/** A change of configuration that turns a harmless agent into one that drowns the API server. */
export const telemetryRollout: FaultDefinition<TelemetryRolloutSpec> = {
  kind: 'telemetry-rollout',
  describe: ({ agent }) => ({
    does: `roll out another configuration of the telemetry agent: ${describeAgent(agent)}`,
    targets: 'the agents on every worker',
    confirmedBy: [
      "the agents' own counters: they run the new mode and send requests",
      'operator: calls fail from outside the cluster',
    ],
    undo: 'delete the DaemonSet with the break-glass credential',
  }),
  // What runs is told by the agents themselves, through the probers of their nodes.
  targets: async (_spec, { observations }) =>
    observations.nodes.filter((node) => observations.reports(node).length > 0).map(nameOn),
  inject: async ({ agent }, context) => {
    const { cluster, observations, perform } = context;
    await perform(rolloutChange(cluster, agentConfig(agent, observations.nodes.length)));
  },
  confirm: async (spec, context) => await confirm(spec, context),
};

async function confirm(spec: TelemetryRolloutSpec, context: FaultContext): Promise<FaultOutcome> {
  const { nodes } = context.observations;
  const [refused, ...busy] = await Promise.all([
    operatorRefused(context),
    ...nodes.map(async (node) => await agentsBusy(node, spec, context)),
  ]);
  return {
    kills: null,
    targets: nodes.map((node, index) => {
      const own = busy[index];
      return combine(nameOn(node), [...(own ? [own] : []), ...refused]);
    }),
  };
}

/** One observation for each operator lane with the ordinary credential; the exempt one is expected to get through. */
async function operatorRefused(context: FaultContext): Promise<readonly Observation[]> {
  const sinceMs = recall(context, injectingSinceMs);
  const [lane] = context.observations.operatorLanes;
  if (lane === undefined) return [];
  const nodes = [operatorNode];
  const outcomes = /^(?:connect|request):/;
  return [await laneFailed({ lane, outcomes, nodes, on: 'every', forGood: false, sinceMs, timeoutMs }, context)];
}

async function agentsBusy(node: string, { agent }: TelemetryRolloutSpec, context: FaultContext): Promise<Observation> {
  const look = (): string | undefined => {
    const report = newMode(node, agent.mode, context);
    if (report === undefined || report.requests === 0) return undefined;
    const { requests, ok, refused, inFlight } = report;
    return `${requests} requests, ${ok} answered, ${refused} refused, ${inFlight} in flight`;
  };
  const { seen } = await watchFor(look, context, { intervalMs: 500, timeoutMs });
  return seen === undefined
    ? { source: 'agent', saw: 'no-effect', text: `on ${node}: no report of mode ${agent.mode}` }
    : { source: 'agent', saw: 'effect', text: `on ${node}: mode ${agent.mode}, ${seen}` };
}

function newMode(node: string, mode: string, context: FaultContext) {
  const sinceMs = recall(context, injectingSinceMs);
  return context.observations.reports(node).find((report) => report.mode === mode && report.atMs >= sinceMs);
}

function nameOn(node: string): string {
  return `${node}/telemetry-agent`;
}
