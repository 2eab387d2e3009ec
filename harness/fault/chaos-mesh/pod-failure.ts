import { toMs } from '../../core/duration.ts';
import { containerEnded, newestContainer, watchContainerEnd } from '../confirm/container-changed.ts';
import { combine } from '../confirm/observation.ts';
import { imagePaused } from '../confirm/pod-status.ts';
import { watchFor } from '../confirm/watch.ts';
import type { TargetConfirmation } from '../../core/events.ts';
import type { FaultContext, FaultOutcome } from '../fault.ts';
import { injectingSinceMs, recall } from '../memory.ts';
import { deleteUntilGone, heardStatus, requireOver } from './end-of-chaos.ts';
import type { PodChaosInjection, PodChaosTarget } from './injection.ts';
import { podChaosRef } from './manifest.ts';
import { saidOf } from './said.ts';
import { isRecovered, type ChaosStatus } from './status.ts';

/** CoreDNS takes six seconds to end (its lameduck); the kubelet needs a moment before that. */
const timing = { intervalMs: 500, timeoutMs: 20_000 };
/** Beyond its duration, for the controller to notice and the kubelet to start the old image. */
const recoveryMs = 60_000;

/** The old containers must have ended on the node, and the API must show the pause image. */
export async function confirmPodFailure(
  { targets, chaosName }: PodChaosInjection,
  context: FaultContext,
): Promise<FaultOutcome> {
  const heard = heardStatus(chaosName, context);
  const judged = targets.map(async (target) => await judge(target, heard, context));
  const [outcome] = await Promise.all([Promise.all(judged), heard]);
  return { kills: null, targets: outcome };
}

/** With a duration: waits for the recovery. Without one it lasts until the heal deletes it. */
export async function settlePodFailure(
  { request, chaosName }: PodChaosInjection,
  context: FaultContext,
): Promise<void> {
  if (request.duration === null) return;
  const timeoutMs = toMs(request.duration) + recoveryMs;
  const recovered = async (): Promise<true | undefined> => {
    const chaos = await context.cluster.api.get(podChaosRef(chaosName));
    return chaos === undefined || isRecovered(chaos) ? true : undefined;
  };
  const { seen, problem } = await watchFor(recovered, context, { intervalMs: 500, timeoutMs });
  if (!seen) requireOver(`PodChaos ${chaosName} has not recovered ${timeoutMs / 1_000} s after its start: ${problem}`);
  requireOver((await deleteUntilGone(chaosName, context)).problem);
}

async function judge(
  target: PodChaosTarget,
  heard: Promise<ChaosStatus | undefined>,
  context: FaultContext,
): Promise<TargetConfirmation> {
  const sinceMs = recall(context, injectingSinceMs);
  const [paused, ends, status] = await Promise.all([
    imagePaused(target.pod, context, timing),
    Promise.all(target.containers.map(async (one) => await watchContainerEnd(one, context, timing))),
    heard,
  ]);
  const ended = await Promise.all(
    ends.map(async (end) => containerEnded(end, sinceMs, await newestContainer(end.before).catch(() => undefined))),
  );
  return combine(target.name, [...ended, paused], saidOf(target, ends, status));
}
