import type { Cluster } from '../../cluster/cluster.ts';
import type { FaultContext } from '../fault.ts';
import type { Observation } from './observation.ts';
import { nameOf, shortId, type TargetContainer } from './target-container.ts';
import { twiceInARow, watchFor, type Timing } from './watch.ts';

/** Looks from outside whether the container stands still and is still the same one. */
export async function containerFrozen(
  before: TargetContainer,
  context: FaultContext,
  timing: Timing,
): Promise<Observation> {
  const { node, container } = before;
  const isEnded = twiceInARow();
  const look = async (): Promise<Observation | undefined> => {
    const now = (await node.containers.find(container.name)).find(({ id }) => id === container.id);
    const name = `${nameOf(before)}: container ${shortId(container)}`;
    if (isEnded(now?.state !== 'running')) {
      return { source: 'crictl', saw: 'too-much', text: `${name} was ended; it should only have been frozen` };
    }
    if (now?.state !== 'running' || !(await node.containers.isFrozen?.(container.id))) return undefined;
    return {
      source: 'crictl',
      saw: 'effect',
      text: `${name} is frozen, with its id and start time ${now.startedAt} kept`,
    };
  };
  const { seen, problem } = await watchFor(look, context, timing);
  if (seen) return seen;
  const why = problem === '' ? 'is not frozen' : `could not be looked at: ${problem}`;
  return { source: 'crictl', saw: 'no-effect', text: `${nameOf(before)}: container ${shortId(container)} ${why}` };
}

/** Looks from outside whether the whole node stands still. */
export async function nodePaused(
  node: string,
  freezer: NonNullable<Cluster['freezer']>,
  context: FaultContext,
  timing: Timing,
): Promise<Observation> {
  const { seen, problem } = await watchFor(async () => (await freezer.isPaused?.(node)) || undefined, context, timing);
  if (seen) return { source: 'docker', saw: 'effect', text: `node ${node} is paused` };
  const why = problem === '' ? 'is not paused' : `could not be looked at: ${problem}`;
  return { source: 'docker', saw: 'no-effect', text: `node ${node} ${why}` };
}
