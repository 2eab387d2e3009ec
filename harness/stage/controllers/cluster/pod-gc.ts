import { resources } from '../../client/resources.ts';
import { everyMs, type Context, type Controller } from '../base/context.ts';
import { isTerminating } from '../base/pod-state.ts';

const component = 'pod-garbage-collector';
const periodMs = 20_000;
/** A node may be deleted and registered anew; its pods wait that long. */
const quarantineMs = 40_000;

/** Removes pods that nobody will ever end: those of nodes that are gone, and deleted ones that never got a node. */
export function podGarbageCollector(context: Context): Controller {
  const { caches, client, clock } = context;
  const goneSinceMs = new Map<string, number>();
  return everyMs(context, component, periodMs, async () => {
    const nowMs = clock.monotonicMs();
    const pods = [...caches.pods.objects.values()];
    const missing = new Set(
      pods.flatMap(({ spec }) => spec.nodeName ?? []).filter((name) => !caches.nodes.objects.has(name)),
    );
    for (const name of goneSinceMs.keys()) if (!missing.has(name)) goneSinceMs.delete(name);
    for (const name of missing) if (!goneSinceMs.has(name)) goneSinceMs.set(name, nowMs);
    for (const pod of pods) {
      const { nodeName } = pod.spec;
      const gone = nodeName !== undefined && nowMs - (goneSinceMs.get(nodeName) ?? nowMs) >= quarantineMs;
      if (!gone && !(nodeName === undefined && isTerminating(pod))) continue;
      // Our copy of the nodes may be behind.
      if (gone && (await client.get(resources.nodes, undefined, nodeName))) continue;
      const { namespace, name, uid } = pod.metadata;
      await client.delete(
        resources.pods,
        { namespace, name },
        { gracePeriodSeconds: 0, ...(uid !== undefined && { uid }) },
      );
    }
  });
}
