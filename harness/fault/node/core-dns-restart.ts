import type { CoreDnsRestartSpec } from '../../experiment/spec.ts';
import { newestContainer, watchContainerEnd } from '../confirm/container-changed.ts';
import { countKills, type KillCount } from '../confirm/kill-count.ts';
import { laneFailed } from '../confirm/lane-failed.ts';
import { combine, type Observation } from '../confirm/observation.ts';
import { runningContainers, type TargetContainer } from '../confirm/target-container.ts';
import { watchFor } from '../confirm/watch.ts';
import type { FaultContext, FaultDefinition, FaultOutcome } from '../fault.ts';
import { injectingSinceMs, recall, remember, type MemoryKey } from '../memory.ts';
import { stopCoreDns } from './core-dns-stop.ts';

const containersKey: MemoryKey<readonly TargetContainer[]> = { name: 'core-dns-containers' };

const stopMs = 15_000;
/** The first restart comes at once, later ones after the kubelet's back-off: its attempt is told if it comes by then. */
const restartMs = 10_000;

/** Stops CoreDNS wherever it runs; it comes up again by itself, unsynced while the API is down. Needs no API. */
export const coreDnsRestart: FaultDefinition<CoreDnsRestartSpec> = {
  kind: 'core-dns-restart',
  describe: () => ({
    does: 'stop every CoreDNS container at the same moment',
    targets: 'CoreDNS on every node that runs it',
    confirmedBy: [
      'crictl: the container that ran before has ended, once',
      'prober: lookups straight to CoreDNS fail, on every node',
    ],
    undo: 'none: the kubelet starts the container again by itself; that it did is checked',
  }),
  targets: async (_spec, context) => {
    const containers = await runningContainers(context.cluster.nodes, 'coredns', 'kube-system');
    remember(context, containersKey, containers);
    return containers.map(nameOfTarget);
  },
  inject: async (_spec, context) => {
    const { cluster, clock, perform } = context;
    const containers = recall(context, containersKey);
    await Promise.all(containers.map(async (one) => await perform(stopCoreDns(one, cluster, clock))));
  },
  confirm: async (_spec, context) => await confirm(context),
};

async function confirm(context: FaultContext): Promise<FaultOutcome> {
  const containers = recall(context, containersKey);
  const [failing, counts] = await Promise.all([
    lookupsFail(context),
    Promise.all(containers.map(async (one) => await restarted(one, context))),
  ]);
  return {
    kills: counts.reduce((sum, { kills }) => sum + kills, 0),
    targets: containers.map((one, index) =>
      combine(nameOfTarget(one), [...(counts[index]?.observations ?? []), ...failing]),
    ),
  };
}

async function restarted(before: TargetContainer, context: FaultContext): Promise<KillCount> {
  const end = await watchContainerEnd(before, context, { intervalMs: 500, timeoutMs: stopMs });
  if (end.endedAtMs !== undefined) {
    const look = async (): Promise<true | undefined> =>
      (await newestContainer(before))?.state === 'running' ? true : undefined;
    await watchFor(look, context, { intervalMs: 500, timeoutMs: restartMs });
  }
  return await countKills(end, recall(context, injectingSinceMs), context);
}

/** Nothing when the experiment has no lane to CoreDNS itself: then one observer is missing, and that is told. */
async function lookupsFail(context: FaultContext): Promise<readonly Observation[]> {
  const { dnsLane: lane, nodes } = context.observations;
  if (lane === undefined) return [];
  const sinceMs = recall(context, injectingSinceMs);
  // Not SERVFAIL: an unsynced CoreDNS answers that before it is stopped again.
  const outcomes = /^resolve:(?:refused|timeout|unreachable)/;
  return [
    await laneFailed({ lane, outcomes, nodes, on: 'every', forGood: false, sinceMs, timeoutMs: stopMs }, context),
  ];
}

function nameOfTarget({ node, container }: TargetContainer): string {
  return `${node.name}/${container.pod}`;
}
