import { resources } from '../../client/resources.ts';
import type { Context, Controller } from '../base/context.ts';
import type { Pod } from '../base/kinds.ts';
import { conditionOf, isActive, isFinished, rfc3339 } from '../base/objects.ts';
import { decide } from './decide.ts';

const component = 'default-scheduler';

/** Gives every pod without a node one, one pod after the other. */
export function scheduler(context: Context): Controller {
  const { pods, nodes } = context.copies;
  /** The nodes of pods that were bound and that our copy may not show there yet, by uid. */
  const assumed = new Map<string | undefined, string>();
  const sync = async (): Promise<void> => {
    const current = [...pods.values()].filter((pod) => !isFinished(pod));
    const unbound = new Set(current.filter(({ spec }) => !spec.nodeName).map(({ metadata }) => metadata.uid));
    for (const uid of assumed.keys()) if (!unbound.has(uid)) assumed.delete(uid);
    if (unbound.size === 0) return;
    const placement = Map.groupBy(current, ({ metadata, spec }) => spec.nodeName ?? assumed.get(metadata.uid));
    const problems: unknown[] = [];
    for (const pod of placement.get(undefined)?.filter(isActive) ?? []) {
      try {
        const decision = decide(pod, [...nodes.values()], placement);
        if ('message' in decision) {
          await explain(context, pod, decision.message);
        } else {
          await bind(context, pod, decision.node);
          assumed.set(pod.metadata.uid, decision.node);
          placement.set(decision.node, [...(placement.get(decision.node) ?? []), pod]);
        }
      } catch (problem) {
        problems.push(problem);
      }
    }
    if (problems.length > 0) throw problems[0];
  };
  return { name: component, watches: ['pods', 'nodes'], sync };
}

async function bind({ client, record }: Context, pod: Pod, node: string): Promise<void> {
  const { namespace = '', name, uid = '' } = pod.metadata;
  const target = { apiVersion: 'v1', kind: 'Node', name: node };
  const metadata = { namespace, name, uid };
  await client.create(resources.pods, { apiVersion: 'v1', kind: 'Binding', metadata, target }, 'binding');
  record(component, pod, 'Scheduled', `Successfully assigned ${namespace}/${name} to ${node}`);
}

/** Says why it has no node. */
async function explain({ client, clock, record }: Context, pod: Pod, message: string): Promise<void> {
  const said = conditionOf(pod, 'PodScheduled');
  if (said?.status === 'False' && said.message === message) return;
  record(component, pod, 'FailedScheduling', message, 'Warning');
  const lastTransitionTime = (said?.status === 'False' && said.lastTransitionTime) || rfc3339(clock.now());
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastTransitionTime };
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
  const { resourceVersion } = pod.metadata;
  const patch = { metadata: { resourceVersion }, status: { conditions: [...others, condition] } };
  await client.patch(resources.pods, pod.metadata, patch, 'status');
}
