import type { CpuLimits, CpuState } from '../../cluster/cluster.ts';
import { BlackstartError } from '../../core/errors.ts';
import type { ApiServerCpuSpec } from '../../experiment/spec.ts';
import { laneSlower } from '../confirm/lane-slower.ts';
import { combine, type Observation } from '../confirm/observation.ts';
import { nameOf } from '../confirm/target-container.ts';
import { watchFor } from '../confirm/watch.ts';
import type { FaultContext, FaultDefinition, FaultOutcome } from '../fault.ts';
import { injectingSinceMs, recall, remember, type MemoryKey } from '../memory.ts';
import { apiServer, apiServersKey, findApiServers, type ApiServerTarget } from './api-server.ts';

const beforeKey: MemoryKey<ReadonlyMap<string, CpuState | undefined>> = { name: 'cpu-before' };
const timeoutMs = 20_000;

/** Makes the API server small. Only its own container: the node, etcd and the way to both are spared. */
export const apiServerCpu: FaultDefinition<ApiServerCpuSpec> = {
  kind: 'api-server-cpu',
  describe: ({ millicores }) => ({
    does: `limit the CPU of the kube-apiserver container to ${millicores} millicores, also after it was restarted`,
    targets: 'kube-apiserver on every control-plane node',
    confirmedBy: [
      'crictl: the cgroup of the container has the limit, and the kernel has stopped it for it',
      'prober: requests to the API server take longer',
    ],
    undo: 'lift the limit, on the node, without the API',
  }),
  targets: async (_spec, context) => {
    const names = await findApiServers(context);
    const states = await Promise.all(
      recall(context, apiServersKey).map(async ({ name, node }) => {
        return [name, await limitsOf({ node, name }).read(apiServer)] as const;
      }),
    );
    remember(context, beforeKey, new Map(states));
    return names;
  },
  inject: async ({ millicores }, context) => {
    for (const target of recall(context, apiServersKey)) {
      await context.perform(limitsOf(target).limit(apiServer, millicores, context.withinMs));
    }
  },
  confirm: async (spec, context) => await confirm(spec, context),
};

async function confirm({ millicores }: ApiServerCpuSpec, context: FaultContext): Promise<FaultOutcome> {
  const { nodes, apiLane } = context.observations;
  const sinceMs = recall(context, injectingSinceMs);
  const [slower, limited] = await Promise.all([
    laneSlower({ lane: apiLane, nodes, sinceMs, timeoutMs }, context),
    Promise.all(recall(context, apiServersKey).map(async (target) => await isLimited(target, millicores, context))),
  ]);
  return { kills: null, targets: limited.map(({ name, seen }) => combine(name, [seen, slower])) };
}

async function isLimited(target: ApiServerTarget, millicores: number, context: FaultContext) {
  const old = recall(context, beforeKey).get(target.name);
  let last: CpuState | undefined;
  // A container that was started anew counts from zero.
  const periods = (): number => (last?.throttled ?? 0) - (last?.id === old?.id ? (old?.throttled ?? 0) : 0);
  const look = async (): Promise<true | undefined> => {
    last = await limitsOf(target).read(apiServer);
    const isSo = last !== undefined && last.millicores !== null && Math.abs(last.millicores - millicores) < 1;
    return isSo && periods() > 0 ? true : undefined;
  };
  const { seen, problem } = await watchFor(look, context, { intervalMs: 1_000, timeoutMs });
  const has = last?.millicores === null ? 'no limit' : `a limit of ${last?.millicores ?? '?'} millicores`;
  const said = `${nameOf(target)} has ${has}, stopped in ${periods()} periods since`;
  const text = problem === '' ? said : `${nameOf(target)} could not be looked at: ${problem}`;
  const observation: Observation = { source: 'crictl', saw: seen ? 'effect' : 'no-effect', text };
  return { name: target.name, seen: observation };
}

function limitsOf({ node, name }: Pick<ApiServerTarget, 'node' | 'name'>): CpuLimits {
  if (node.cpuLimits) return node.cpuLimits;
  throw new BlackstartError('environment', `The CPU of ${name} cannot be limited: this backend has no cgroups`, {
    hint: 'Run it on a kind cluster, or choose another mechanism.',
  });
}
