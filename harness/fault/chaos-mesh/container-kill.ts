import { watchContainerEnd, type ContainerEnd } from '../confirm/container-changed.ts';
import { countKills, type KillCount } from '../confirm/kill-count.ts';
import { laneFailed } from '../confirm/lane-failed.ts';
import { combine, type Observation } from '../confirm/observation.ts';
import { restartCounted } from '../confirm/pod-status.ts';
import type { TargetContainer } from '../confirm/target-container.ts';
import type { FaultContext, FaultOutcome } from '../fault.ts';
import { injectingSinceMs, recall, recallIfAny, remember, type MemoryKey } from '../memory.ts';
import { holdController, type HeldController } from './controller.ts';
import { apiReadyAgain, deleteUntilGone, heardStatus, requireOver } from './end-of-chaos.ts';
import type { PodChaosInjection, PodChaosTarget } from './injection.ts';
import type { ChaosStatus } from './status.ts';

/** A kill shows within a second; this long is waited for one that does not come. */
const killMs = 15_000;
const watchMs = 100;

const notOver: MemoryKey<string> = { name: 'container-kill-not-over' };

/** What was seen until the PodChaos was gone. */
interface Killed {
  readonly counts: readonly KillCount[];
  readonly status: ChaosStatus | undefined;
  readonly notes: readonly string[];
}

/**
 * Confirms a container-kill and ends it: a container-kill of kube-apiserver repeats itself until its PodChaos is gone,
 * because its controller cannot write down through the killed server that it is done.
 */
export async function confirmContainerKill(injection: PodChaosInjection, context: FaultContext): Promise<FaultOutcome> {
  const [{ counts, status, notes: held }, seconds] = await Promise.all([
    killThenEnd(injection, context),
    Promise.all(injection.targets.map(async (target) => await secondLook(target, context))),
  ]);
  const targets = injection.targets.map((target, index) => {
    const { kills = 0, observations = [] } = counts[index] ?? {};
    const second = seconds[index];
    const notes = [...(status ? [said(status, kills > 0)] : []), ...held];
    return combine(target.name, second ? [...observations, second] : observations, notes);
  });
  return { kills: counts.reduce((sum, { kills }) => sum + kills, 0), targets };
}

/** The next step may only come when nothing can kill again. */
export async function settleContainerKill(_injection: PodChaosInjection, context: FaultContext): Promise<void> {
  requireOver(recallIfAny(context, notOver) ?? '');
}

async function killThenEnd({ targets, chaosName }: PodChaosInjection, context: FaultContext): Promise<Killed> {
  const containers = targets.flatMap((target) => target.containers);
  const timing = { intervalMs: watchMs, timeoutMs: killMs };
  let held: HeldController | undefined;
  const ends = await Promise.all(
    containers.map(async (one) => {
      const end = await watchContainerEnd(one, context, timing);
      // At once, however long the others take.
      if (isApiServer(one) && wasKilled(end)) held = await holdController(context);
      return end;
    }),
  );
  const heard = ends.some(wasKilled) ? undefined : await heardStatus(chaosName, context);
  const end = await deleteUntilGone(chaosName, context, held?.beginAnew);
  const notReady = containers.some(isApiServer) ? await apiReadyAgain(context) : '';
  remember(context, notOver, [end.problem, notReady].filter((problem) => problem !== '').join('; '));
  const sinceMs = recall(context, injectingSinceMs);
  const counts = await Promise.all(ends.map(async (one) => await countKills(one, sinceMs, context)));
  return { counts, status: end.status ?? heard, notes: held ? [held.note()] : [] };
}

async function secondLook({ pod, containers }: PodChaosTarget, context: FaultContext): Promise<Observation> {
  const name = containers[0]?.container.name ?? '';
  if (name !== 'kube-apiserver') {
    return await restartCounted(pod, name, context, { intervalMs: 500, timeoutMs: killMs });
  }
  const { nodes, apiLane } = context.observations;
  const sinceMs = recall(context, injectingSinceMs);
  const outcomes = /^(?:connect|request):/;
  return await laneFailed(
    { lane: apiLane, outcomes, nodes, on: 'some', forGood: false, sinceMs, timeoutMs: killMs },
    context,
  );
}

function said(status: ChaosStatus, wasKilledOnce: boolean): string {
  const but = status.said === 'failed' && wasKilledOnce ? ', but the container was killed' : '';
  // It writes nothing down through the server that it has just killed: what it last said may be from before the kill.
  return `chaos-mesh: last said ${status.said}, ${status.text}${but}`;
}

function wasKilled({ endedAtMs }: ContainerEnd): boolean {
  return endedAtMs !== undefined;
}

function isApiServer({ container }: TargetContainer): boolean {
  return container.name === 'kube-apiserver';
}
