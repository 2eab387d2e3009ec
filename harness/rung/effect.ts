import type { Sample } from '../core/sample.ts';
import { watchFor } from '../fault/confirm/watch.ts';
import { operatorNode } from '../plan/plan.ts';
import type { RungContext, Scope } from './context.ts';
import { agentsGone, watchQuiet } from './quiet.ts';

/** The judge asks for so much time without a failure. */
const wellForMs = 5_000;
const lookEveryMs = 500;
/** CoreDNS tries again with a growing pause, so it may be well only some time after the API is. */
const dataPlaneMs = 45_000;

/**
 * Watches what comes of the remedies once the DaemonSet is deleted: the agents' containers end and stay away, the normal
 * admin gets through for some time, and so do lookups. It only watches: the judge takes all moments from the event log.
 */
export async function watchEffect(overMs: number, scope: Scope, context: RungContext): Promise<void> {
  await Promise.all([watchAgentsEnd(overMs, scope, context), watchLanes(overMs, scope, context)]);
}

async function watchAgentsEnd(overMs: number, { step }: Scope, context: RungContext): Promise<void> {
  if (await agentsGone(overMs, context)) await watchQuiet(step, context);
}

async function watchLanes(overMs: number, { step, fromMs }: Scope, context: RungContext): Promise<void> {
  const { observations, nowMs } = context;
  const { dnsLane, nodes } = observations;
  const series = [
    [step.lane, operatorNode] as const,
    ...(dnsLane === undefined ? [] : nodes.map((node) => [dnsLane, node] as const)),
  ];
  const look = (): true | undefined =>
    series.every(([lane, node]) => isWell(observations.samplesSince(lane, node, fromMs))) ? true : undefined;
  const timeoutMs = Math.max(lookEveryMs, overMs + dataPlaneMs - nowMs());
  await watchFor(look, context, { intervalMs: lookEveryMs, timeoutMs });
}

function isWell(samples: readonly Sample[]): boolean {
  const good = samples.slice(samples.findLastIndex(({ ok }) => !ok) + 1);
  const [first, last] = [good[0], good.at(-1)];
  return first !== undefined && last !== undefined && last.startMs - first.startMs >= wellForMs;
}
