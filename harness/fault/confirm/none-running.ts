import type { FaultContext } from '../fault.ts';
import type { Observation } from './observation.ts';
import { nameOf, shortId, type TargetContainer } from './target-container.ts';
import { twiceInARow, watchFor, type Timing } from './watch.ts';

/** Looks on the node whether no container of this name is left running or about to run. */
export async function noneRunning(
  before: TargetContainer,
  sinceMs: number,
  context: FaultContext,
  timing: Timing,
): Promise<Observation> {
  const name = nameOf(before);
  const isAbsent = twiceInARow();
  let running = '';
  const look = async (): Promise<number | undefined> => {
    const found = (await before.node.containers.find(before.container.name)).filter(({ state }) => state !== 'exited');
    running = found.map(shortId).join(', ');
    return isAbsent(found.length === 0) ? context.nowMs() : undefined;
  };
  const { seen, problem } = await watchFor(look, context, timing);
  if (seen !== undefined) {
    const after = ((seen - sinceMs) / 1_000).toFixed(1);
    return {
      source: 'crictl',
      saw: 'effect',
      text: `${name}: none runs any more, ${after} s after the injection began`,
    };
  }
  const why = problem === '' ? `container ${running} still runs` : `could not be looked at: ${problem}`;
  return { source: 'crictl', saw: 'no-effect', text: `${name}: ${why}` };
}
