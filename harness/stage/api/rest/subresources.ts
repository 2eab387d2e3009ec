/** The subresources `scale`, `binding` and `token`. */
import type { KubeObject } from '../../client/types.ts';
import { issuer } from '../auth/tokens.ts';
import { at, isMap, listAt, textAt, textsAt, withoutNulls } from '../json.ts';
import { specOf, type PodSpec } from '../kinds/types.ts';
import { timeOf } from '../patch/server-side-apply.ts';
import { readValue } from '../request/body.ts';
import { badRequest, conflict, invalid, notFound, success, wrong } from '../status.ts';
import { findNow, refOf, type Answer, type Api, type ApiRequest } from './api.ts';
import { change, readPatch } from './write.ts';

const shortestTokenS = 600;
const longestTokenS = 86_400 * 365;

export function getScale(api: Api, request: ApiRequest): Answer {
  return { code: 200, object: scaleOf(findNow(api, request)) };
}

/** PUT and PATCH of `scale`: sets `spec.replicas` of the object behind it. */
export function setScale(api: Api, request: ApiRequest): Answer {
  const given = request.info.verb === 'patch' ? undefined : readValue(request);
  const patched = given === undefined ? readPatch(request) : () => given;
  const object = change(api, request, (current) => {
    const scale: unknown = patched(scaleOf(current));
    const replicas = at(scale, 'spec.replicas') ?? 0;
    if (!isMap(scale) || !Number.isSafeInteger(replicas)) throw badRequest('spec.replicas must be an integer');
    const resourceVersion = textAt(scale, 'metadata.resourceVersion');
    const metadata = { ...current.metadata, ...(resourceVersion && { resourceVersion }) };
    return { ...current, metadata, spec: { ...specOf(current), replicas } };
  });
  return { code: 200, object: scaleOf(object) };
}

function scaleOf(object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const metadata = { name, namespace, uid, resourceVersion, creationTimestamp } as KubeObject['metadata'];
  const spec = { replicas: at(object, 'spec.replicas') ?? 0 };
  const status = { replicas: at(object, 'status.replicas') ?? 0 };
  return { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata, spec, status };
}

/** How the scheduler gives a pod to a node, once. */
export function bind({ store }: Api, request: ApiRequest): Answer {
  const { type, info } = request;
  const nodeName = textAt(readValue(request), 'target.name');
  if (nodeName === '') throw badRequest('target.name: Required value');
  store.write(refOf(request), (pod) => {
    if (!pod) throw notFound(type, info.name);
    const { nodeName: assigned } = specOf<PodSpec>(pod);
    if (assigned) throw conflict(type, info.name, `pod ${info.name} is already assigned to node "${assigned}"`);
    if (pod.metadata.deletionTimestamp !== undefined) {
      throw conflict(type, info.name, `pod ${info.name} is being deleted, cannot be assigned to a host`);
    }
    const others = listAt(pod, 'status.conditions').filter((condition) => at(condition, 'type') !== 'PodScheduled');
    const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: timeOf(new Date()) };
    const status = { ...(pod['status'] as object), conditions: [...others, scheduled] };
    return { ...pod, spec: { ...specOf(pod), nodeName }, status };
  });
  return success(201);
}

/** Issues a token of a service account. It is not bound to a pod: it ends with the account, or by its time. */
export function createToken(api: Api, request: ApiRequest): Answer {
  const { namespace, name } = request.info;
  // Go's clients write null for what they do not set.
  const spec = at(withoutNulls(readValue(request)), 'spec');
  const audiences = textsAt(spec, 'audiences');
  const seconds = Math.floor(Number(at(spec, 'expirationSeconds') ?? 3_600));
  if (!(seconds >= shortestTokenS)) {
    const cause = wrong('spec.expirationSeconds', `${seconds}: may not be less than 10 minutes`);
    throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, name, [cause]);
  }
  const { uid = '' } = findNow(api, request).metadata;
  const iat = Math.floor(Date.now() / 1_000);
  const exp = iat + Math.min(seconds, longestTokenS);
  const token = api.tokens.issue({
    aud: audiences.length === 0 ? [issuer] : audiences,
    iat,
    exp,
    sub: `system:serviceaccount:${namespace}:${name}`,
    'kubernetes.io': { namespace, serviceaccount: { name, uid } },
  });
  const status = { token, expirationTimestamp: timeOf(new Date(exp * 1_000)) };
  const object = {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace },
    spec,
    status,
  };
  return { code: 201, object };
}
