import type { KubeObject } from '../../client/types.ts';
import { specOf, statusOf, type LabelSelector, type WorkloadSpec } from '../kinds/fields.ts';
import { isObject } from '../kinds/shape.ts';
import { parseJson, readValue } from '../request/body.ts';
import { badRequest, notFound } from '../status.ts';
import { refOf, type Answer, type Api, type ApiRequest } from './api.ts';
import { applyPatch, checkPatchType } from './patches.ts';
import { change } from './update.ts';

export function getScale(api: Api, request: ApiRequest): Answer {
  api.store.sync();
  const found = api.store.find(refOf(request));
  if (!found) throw notFound(request.type, request.info.name);
  return { code: 200, object: scaleOf(found) };
}

/** PUT and PATCH of `scale`: sets `spec.replicas` of the object behind it. */
export function setScale(api: Api, request: ApiRequest): Answer {
  if (request.info.verb === 'patch') checkPatchType(request);
  const given = request.info.verb === 'patch' ? parseJson(request.body) : readValue(request);
  const object = change(api, request, (current) => {
    const scale = request.info.verb === 'patch' ? applyPatch(request, given, scaleOf(current)) : given;
    const { replicas, resourceVersion } = readScale(scale);
    const metadata = { ...current.metadata, ...(resourceVersion !== undefined && { resourceVersion }) };
    return { ...current, metadata, spec: { ...specOf(current), replicas } };
  });
  return { code: 200, object: scaleOf(object) };
}

function scaleOf(object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const { replicas = 0, selector } = specOf<WorkloadSpec>(object);
  const labels = selectorText(selector ?? {});
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as KubeObject['metadata'],
    spec: { replicas },
    status: { replicas: statusOf<{ replicas: number }>(object).replicas ?? 0, selector: labels },
  };
}

function readScale(scale: unknown): { replicas: number; resourceVersion: string | undefined } {
  if (!isObject(scale)) throw badRequest('the body of the request is not a Scale');
  const { spec = {}, metadata = {} } = scale;
  const { replicas = 0 } = isObject(spec) ? spec : {};
  const { resourceVersion } = isObject(metadata) ? metadata : {};
  if (!Number.isSafeInteger(replicas)) throw badRequest('spec.replicas must be an integer');
  const isText = typeof resourceVersion === 'string' && resourceVersion !== '';
  return { replicas: replicas as number, resourceVersion: isText ? resourceVersion : undefined };
}

function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const others = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key;
    return operator === 'DoesNotExist' ? `!${key}` : `${key} ${operator.toLowerCase()} (${values.join(',')})`;
  });
  return [...equal, ...others].join(',');
}
