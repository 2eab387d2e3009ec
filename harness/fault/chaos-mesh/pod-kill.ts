import type { TargetConfirmation } from '../../core/events.ts';
import { containerEnded, newestContainer, watchContainerEnd, type ContainerEnd } from '../confirm/container-changed.ts';
import { combine } from '../confirm/observation.ts';
import { podReplaced } from '../confirm/pod-replaced.ts';
import type { FaultContext, FaultOutcome } from '../fault.ts';
import { injectingSinceMs, recall } from '../memory.ts';
import { deleteUntilGone, heardStatus, requireOver } from './end-of-chaos.ts';
import type { PodChaosInjection, PodChaosTarget } from './injection.ts';
import { saidOf } from './said.ts';
import type { ChaosStatus } from './status.ts';

/** A kill shows within a second; this long is waited for one that does not come. */
const timing = { intervalMs: 500, timeoutMs: 15_000 };

/** The pod with the old uid must be gone, and its containers must have ended on the node. */
export async function confirmPodKill(injection: PodChaosInjection, context: FaultContext): Promise<FaultOutcome> {
  const { targets, chaosName } = injection;
  const [status, looks] = await Promise.all([
    heardStatus(chaosName, context),
    Promise.all(targets.map(async (target) => await lookAt(target, injection, context))),
  ]);
  return {
    kills: looks.filter(({ ends }) => ends.some(({ endedAtMs }) => endedAtMs !== undefined)).length,
    targets: looks.map((look) => judge(look, status)),
  };
}

/** A pod-kill stays "injected" until it is deleted; it does nothing more. */
export async function settlePodKill({ chaosName }: PodChaosInjection, context: FaultContext): Promise<void> {
  requireOver((await deleteUntilGone(chaosName, context)).problem);
}

interface Look {
  readonly target: PodChaosTarget;
  readonly ends: readonly ContainerEnd[];
  readonly confirm: (notes: readonly string[]) => TargetConfirmation;
}

async function lookAt(target: PodChaosTarget, { selection }: PodChaosInjection, context: FaultContext): Promise<Look> {
  const sinceMs = recall(context, injectingSinceMs);
  const [replaced, ends] = await Promise.all([
    podReplaced(target.pod, selection.matched, context, timing),
    Promise.all(target.containers.map(async (one) => await watchContainerEnd(one, context, timing))),
  ]);
  const ended = await Promise.all(
    ends.map(async (end) => containerEnded(end, sinceMs, await newestContainer(end.before).catch(() => undefined))),
  );
  return { target, ends, confirm: (notes) => combine(target.name, [...ended, replaced], notes) };
}

function judge({ target, ends, confirm }: Look, status: ChaosStatus | undefined): TargetConfirmation {
  return confirm(saidOf(target, ends, status));
}
