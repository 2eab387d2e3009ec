import { BlackstartError } from '../../core/errors.ts';
import type { ApiServerDownSpec } from '../../experiment/spec.ts';
import { chaosNamespace, runLabel } from '../chaos-mesh/manifest.ts';
import { laneFailed } from '../confirm/lane-failed.ts';
import { noneRunning } from '../confirm/none-running.ts';
import { combine } from '../confirm/observation.ts';
import { watchFor } from '../confirm/watch.ts';
import type { FaultContext, FaultDefinition, FaultOutcome } from '../fault.ts';
import { injectingSinceMs, recall } from '../memory.ts';
import { apiServer, apiServersKey, findApiServers } from './api-server.ts';

/** Parking kills the container after 0.5 s; the prober is refused even before that. */
const timeoutMs = 20_000;

/** Takes the API server away for as long as nobody puts it back. Needs no API. */
export const apiServerDown: FaultDefinition<ApiServerDownSpec> = {
  kind: 'api-server-down',
  describe: () => ({
    does: 'park the static pod kube-apiserver: its manifest is moved away and the kubelet stops it',
    targets: 'kube-apiserver on every control-plane node',
    confirmedBy: [
      'crictl: no kube-apiserver container runs any more',
      'prober: the API server refuses connections, on every node, and nothing succeeds any more',
    ],
    undo: 'put the manifest back, on the node, without the API',
  }),
  targets: async (_spec, context) => await findApiServers(context),
  inject: async (_spec, context) => {
    await refuseWhileChaosLives(context);
    const targets = recall(context, apiServersKey);
    await Promise.all(
      targets.map(async ({ node }) => await context.perform(node.staticPods.park(apiServer, context.withinMs))),
    );
  },
  confirm: async (_spec, context) => await confirm(context),
};

async function confirm(context: FaultContext): Promise<FaultOutcome> {
  const sinceMs = recall(context, injectingSinceMs);
  const { nodes, apiLane } = context.observations;
  const outcomes = /^connect:(?:refused|timeout)/;
  const [refused, stopped] = await Promise.all([
    laneFailed({ lane: apiLane, outcomes, nodes, on: 'every', forGood: true, sinceMs, timeoutMs }, context),
    Promise.all(
      recall(context, apiServersKey).map(async (target) => ({
        target,
        seen: await noneRunning(target, sinceMs, context, { intervalMs: 500, timeoutMs }),
      })),
    ),
  ]);
  return { kills: null, targets: stopped.map(({ target, seen }) => combine(target.name, [seen, refused])) };
}

/** A PodChaos that is still there would kill again as soon as the API is back. */
async function refuseWhileChaosLives(context: FaultContext): Promise<void> {
  const { api } = context.cluster;
  const podChaos = { apiVersion: 'chaos-mesh.org/v1alpha1', kind: 'PodChaos', namespace: chaosNamespace };
  const look = async () => await api.list({ ...podChaos, labelSelector: `${runLabel}=${context.runId}` });
  const { seen, problem } = await watchFor(look, context, { intervalMs: 250, timeoutMs: 3_000 });
  if (seen === undefined) {
    // Every PodChaos step waits until its object is gone, so this is a second lock only.
    context.emit({ type: 'note', message: `Could not check that no PodChaos of this run is left: ${problem}` });
    return;
  }
  if (seen.length === 0) return;
  const names = seen.map(({ metadata }) => metadata.name).join(', ');
  throw new BlackstartError(
    'cluster',
    `PodChaos ${names} of this run still exists: it would act again after the heal`,
    {
      hint: 'Put api-server-down after a step whose PodChaos has ended.',
    },
  );
}
