import type { ApiServerHangSpec } from '../../experiment/spec.ts';
import { laneFailed } from '../confirm/lane-failed.ts';
import { combine } from '../confirm/observation.ts';
import { containerFrozen } from '../confirm/standstill.ts';
import type { FaultContext, FaultDefinition, FaultOutcome } from '../fault.ts';
import { injectingSinceMs, recall } from '../memory.ts';
import { apiServersKey, findApiServers } from './api-server.ts';

/** A few deadlines of the API lane, and the lag of the reads. */
const timeoutMs = 15_000;

/** Leaves the API server there and lets it answer nobody. Needs no API. */
export const apiServerHang: FaultDefinition<ApiServerHangSpec> = {
  kind: 'api-server-hang',
  describe: () => ({
    does: 'freeze the kube-apiserver container (SIGSTOP); the kubelet ends it after 80 to 120 s',
    targets: 'kube-apiserver on every control-plane node',
    confirmedBy: [
      'crictl: the same container stands still',
      'prober: requests to the API server time out, on every node',
    ],
    undo: 'let the container run on (SIGCONT), on the node, without the API',
  }),
  targets: async (_spec, context) => await findApiServers(context),
  inject: async (_spec, context) => {
    const targets = recall(context, apiServersKey);
    await Promise.all(
      targets.map(
        async ({ node, container }) => await context.perform(node.containers.freeze(container, context.withinMs)),
      ),
    );
  },
  confirm: async (_spec, context) => await confirm(context),
};

async function confirm(context: FaultContext): Promise<FaultOutcome> {
  const sinceMs = recall(context, injectingSinceMs);
  const { nodes, apiLane } = context.observations;
  const outcomes = /^(?:connect|request):timeout/;
  const [hanging, frozen] = await Promise.all([
    laneFailed({ lane: apiLane, outcomes, nodes, on: 'every', forGood: true, sinceMs, timeoutMs }, context),
    Promise.all(
      recall(context, apiServersKey).map(async (target) => ({
        target,
        seen: await containerFrozen(target, context, { intervalMs: 250, timeoutMs }),
      })),
    ),
  ]);
  return { kills: null, targets: frozen.map(({ target, seen }) => combine(target.name, [seen, hanging])) };
}
