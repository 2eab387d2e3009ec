import type { NodeContainer } from '../../cluster/cluster.ts';
import type { FaultContext } from '../fault.ts';
import { containerEnded, newestContainer, type ContainerEnd } from './container-changed.ts';
import type { Observation } from './observation.ts';
import { nameOf, type TargetContainer } from './target-container.ts';
import { watchFor } from './watch.ts';

/** How often one container was killed, and what its node says about it. */
export interface KillCount {
  readonly kills: number;
  readonly observations: readonly Observation[];
}

/** Counts when everything is over; more kills than the one asked for are `too-much`. */
export async function countKills(end: ContainerEnd, sinceMs: number, context: FaultContext): Promise<KillCount> {
  const { before } = end;
  const look = async (): Promise<{ readonly newest: NodeContainer | undefined }> => ({
    newest: await newestContainer(before),
  });
  const { seen } = await watchFor(look, context, { intervalMs: 250, timeoutMs: 10_000 });
  const wasSeenToEnd = end.endedAtMs === undefined ? 0 : 1;
  const kills = seen ? Math.max(wasSeenToEnd, killsSince(before, seen.newest)) : wasSeenToEnd;
  // A kill may come after the watch gave up and before its cause was taken away.
  const endedAtMs = end.endedAtMs ?? (kills > 0 ? context.nowMs() : undefined);
  const ended = containerEnded({ ...end, endedAtMs }, sinceMs, seen?.newest);
  return { kills, observations: [...killedTooOften(before, kills), ended] };
}

/**
 * From what stands in a container's place: every restart within the pod counts up `attempt`, and one that has ended and
 * is not yet replaced was killed as well. Nothing in its place counts nothing here: only its end, if that was seen.
 */
function killsSince({ container }: TargetContainer, newest: NodeContainer | undefined): number {
  if (newest === undefined || newest.attempt < container.attempt) return 0;
  const replaced = newest.id === container.id ? 0 : Math.max(1, newest.attempt - container.attempt);
  return replaced + (newest.state === 'exited' ? 1 : 0);
}

function killedTooOften(before: TargetContainer, kills: number): readonly Observation[] {
  if (kills <= 1) return [];
  return [{ source: 'crictl', saw: 'too-much', text: `${nameOf(before)}: killed ${kills} times, asked once` }];
}
