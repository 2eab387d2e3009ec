import type { KubeObject } from '../../client/types.ts';
import { specOf, statusOf, type PodSpec } from '../kinds/fields.ts';
import { isObject } from '../kinds/shape.ts';
import { readValue } from '../request/body.ts';
import { badRequest, conflict, notFound } from '../status.ts';
import { refOf, timestamp, type Answer, type Api, type ApiRequest } from './api.ts';
import { removeOne } from './delete.ts';
import { parseDeleteOptions } from './delete-options.ts';

const done = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' };

/** A delete that could be refused by a disruption budget, of which there are none here. */
export function evict(api: Api, request: ApiRequest): Answer {
  const eviction = readValue(request);
  if (!isObject(eviction)) throw badRequest('the body of the request is not an Eviction');
  const options = parseDeleteOptions(eviction['deleteOptions'] ?? {}, request.info.query, request.dryRun);
  removeOne(api, request, request.info.name, options);
  return { code: 201, object: { ...done, code: 201 } };
}

/** How the scheduler gives a pod to a node, once. */
export function bind(api: Api, request: ApiRequest): Answer {
  const { type, info, dryRun } = request;
  const binding = readValue(request);
  const target = isObject(binding) && isObject(binding['target']) ? binding['target'] : {};
  const { name: nodeName } = target;
  if (typeof nodeName !== 'string' || nodeName === '') throw badRequest('target.name: Required value');
  const assign = (pod: KubeObject | undefined): KubeObject => {
    if (!pod) throw notFound(type, info.name);
    const assigned = specOf<PodSpec>(pod).nodeName;
    if (assigned) throw conflict(type, info.name, `pod ${info.name} is already assigned to node "${assigned}"`);
    if (pod.metadata.deletionTimestamp !== undefined) {
      throw conflict(type, info.name, `pod ${info.name} is being deleted, cannot be assigned to a host`);
    }
    return assignedPod(pod, nodeName, api.now());
  };
  api.store.write(refOf(request), assign, dryRun);
  return { code: 201, object: { ...done, code: 201 } };
}

function assignedPod(pod: KubeObject, nodeName: string, now: Date): KubeObject {
  const status = statusOf<{ conditions: { type: string }[] }>(pod);
  const others = status.conditions?.filter((condition) => condition.type !== 'PodScheduled') ?? [];
  const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: timestamp(now) };
  return { ...pod, spec: { ...specOf(pod), nodeName }, status: { ...status, conditions: [...others, scheduled] } };
}
