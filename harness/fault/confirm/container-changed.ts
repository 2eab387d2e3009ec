import type { NodeContainer } from '../../cluster/cluster.ts';
import type { FaultContext } from '../fault.ts';
import type { Observation } from './observation.ts';
import { nameOf, shortId, type TargetContainer } from './target-container.ts';
import { twiceInARow, watchFor, type Timing } from './watch.ts';

/** What became of a container. */
export interface ContainerEnd {
  readonly before: TargetContainer;
  /** Run time when it was first seen not to run; undefined when it kept running. */
  readonly endedAtMs: number | undefined;
  /** Why the node could not be looked at; empty when it could. */
  readonly problem: string;
}

/** Watches until the container that ran before does not run any more. */
export async function watchContainerEnd(
  before: TargetContainer,
  context: FaultContext,
  timing: Timing,
): Promise<ContainerEnd> {
  const isAbsent = twiceInARow();
  const look = async (): Promise<number | undefined> => {
    const now = (await before.node.containers.find(before.container.name)).find(
      (one) => one.id === before.container.id,
    );
    return isAbsent(now === undefined) || now?.state === 'exited' ? context.nowMs() : undefined;
  };
  const { seen, problem } = await watchFor(look, context, timing);
  return { before, endedAtMs: seen, problem };
}

/** The newest container of the same name in the same pod; undefined when there is none. */
export async function newestContainer({ node, container }: TargetContainer): Promise<NodeContainer | undefined> {
  const ofPod = (await node.containers.find(container.name)).filter(
    (one) => one.pod === container.pod && one.namespace === container.namespace,
  );
  return ofPod.toSorted((a, b) => b.attempt - a.attempt || b.startedAt.localeCompare(a.startedAt))[0];
}

/** Tells the end of a container; `newest` is what stands in its place now. */
export function containerEnded(end: ContainerEnd, sinceMs: number, newest: NodeContainer | undefined): Observation {
  const { container } = end.before;
  const name = nameOf(end.before);
  const old = `container ${shortId(container)}`;
  if (end.endedAtMs === undefined) {
    const kept = `${name}: ${old} kept its id and its start time ${container.startedAt}`;
    const unread = `${name}: ${old} could not be looked at: ${end.problem}`;
    return { source: 'crictl', saw: 'no-effect', text: end.problem === '' ? kept : unread };
  }
  const after = `ended ${((end.endedAtMs - sinceMs) / 1_000).toFixed(1)} s after the injection began`;
  return { source: 'crictl', saw: 'effect', text: `${name}: ${old} ${after}${succession(container, newest)}` };
}

function succession(old: NodeContainer, newest: NodeContainer | undefined): string {
  if (newest === undefined || newest.id === old.id) return '; nothing runs in its place yet';
  return `; ${shortId(newest)} (attempt ${newest.attempt}, ${newest.state}) in its place`;
}
