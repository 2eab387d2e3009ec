import { checkAgent } from './check-telemetry.ts';
import { checkPositive, type Problem } from './problem.ts';
import type { FaultSpec } from './spec.ts';

/** A PodChaos file of the user's is read, and refused with all its problems, where its fault is described. */
export function* checkFault(path: string, fault: FaultSpec): Iterable<Problem> {
  if (fault.kind === 'telemetry-rollout') yield* checkAgent(`${path}.agent`, fault.agent);
  if (fault.kind === 'api-server-cpu' && !(fault.millicores >= 10)) {
    yield {
      path: `${path}.millicores`,
      message: `${fault.millicores} millicores are too few: the kernel takes 10 at least`,
    };
  }
  if (fault.kind !== 'pod-chaos') return;
  const { action, select, containerNames, duration } = fault;
  const killsContainers = action === 'container-kill';
  if (killsContainers && containerNames.length === 0) {
    yield { path: `${path}.containerNames`, message: 'container-kill needs the names of the containers to kill' };
  }
  if (!killsContainers && containerNames.length > 0) {
    yield { path: `${path}.containerNames`, message: `${action} takes no container names: it acts on whole pods` };
  }
  if (duration !== null) {
    if (action !== 'pod-failure') {
      yield { path: `${path}.duration`, message: `${action} has no duration: Chaos Mesh ignores it` };
    }
    yield* checkPositive(`${path}.duration`, duration, 'a fault lasts longer than zero');
  }
  if (Object.keys(select.labels).length === 0) {
    yield { path: `${path}.select.labels`, message: 'there is no label: every pod of the namespace would be hit' };
  }
}
