import { messageOf } from '../../core/errors.ts';
import { runningContainers, shortId, type TargetContainer } from '../confirm/target-container.ts';
import type { FaultContext } from '../fault.ts';
import { recallIfAny, remember, type MemoryKey } from '../memory.ts';
import { chaosNamespace } from './manifest.ts';

/** The container of chaos-controller-manager in the chart. */
const containerName = 'chaos-mesh';

const controllerKey: MemoryKey<readonly TargetContainer[]> = { name: 'chaos-controller' };

/** A controller that stands still, or why none does. */
export interface HeldController {
  /** One sentence for the evidence. */
  readonly note: () => string;
  /** Ends it, so that it begins anew with a fresh view. May be tried again when it fails. */
  readonly beginAnew: () => Promise<void>;
}

/** Remembers where the controller runs, before the injection: when the kill comes there is no time to look. */
export async function findController(context: FaultContext): Promise<void> {
  try {
    remember(context, controllerKey, await runningContainers(context.cluster.nodes, containerName, chaosNamespace));
  } catch (problem) {
    context.emit({ type: 'note', message: `Chaos Mesh's controller was not found: ${messageOf(problem)}` });
  }
}

/**
 * Holds the controller when it has killed kube-apiserver: it cannot write that down through the server it killed, and one
 * that lives on kills the new server too, from its stale view (seen on kind 4.8 s after the API was back, with the
 * deletion accepted). One that could not be held has mostly ended itself, having lost its lease. Never rejects.
 */
export async function holdController(context: FaultContext): Promise<HeldController> {
  const held: TargetContainer[] = [];
  const sinceMs = context.nowMs();
  let untilMs: number | undefined;
  for (const one of recallIfAny(context, controllerKey) ?? []) {
    const { node, container } = one;
    if (!node.containers.hold) continue;
    try {
      await context.perform(node.containers.hold(container, context.withinMs));
      held.push(one);
    } catch (problem) {
      const message = `Chaos Mesh's controller ${shortId(container)} could not be held: ${messageOf(problem)}`;
      context.emit({ type: 'note', message });
    }
  }
  return {
    note: () => {
      if (held.length === 0) return 'chaos-mesh: its controller was not held';
      const heldMs = (untilMs ?? context.nowMs()) - sinceMs;
      return `chaos-mesh: its controller was held for ${(heldMs / 1_000).toFixed(1)} s, until the delete was accepted, and then began anew`;
    },
    beginAnew: async () => {
      await Promise.all(held.map(async ({ node, container }) => await node.containers.stop(container.id)));
      untilMs = context.nowMs();
    },
  };
}
