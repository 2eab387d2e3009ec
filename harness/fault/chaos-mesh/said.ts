import type { ContainerEnd } from '../confirm/container-changed.ts';
import { nameOf, shortId } from '../confirm/target-container.ts';
import type { PodChaosTarget } from './injection.ts';
import type { ChaosStatus } from './status.ts';

/** Notes that hold what Chaos Mesh said against what the node shows; nothing when it said nothing. */
export function saidOf(
  { pod }: PodChaosTarget,
  ends: readonly ContainerEnd[],
  status: ChaosStatus | undefined,
): readonly string[] {
  if (status === undefined) return [];
  const kept = ends.find(({ endedAtMs }) => endedAtMs === undefined);
  if (status.said !== 'injected' || kept === undefined || kept.problem !== '') {
    return [`chaos-mesh: said ${status.said}, ${status.text}`];
  }
  const { container } = kept.before;
  const same = `container ${shortId(container)} of ${nameOf(kept.before)} kept its id and start time ${container.startedAt}`;
  const why = pod.isMirror ? ': only the mirror pod was deleted' : '';
  return [`Chaos Mesh said AllInjected=True, but ${same}${why}`];
}
