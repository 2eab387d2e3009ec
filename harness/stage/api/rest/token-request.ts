import { specOf, type PodSpec } from '../kinds/fields.ts';
import { isObject, withoutNulls } from '../kinds/shape.ts';
import { issuer, type BoundObject } from '../auth/tokens.ts';
import { readValue } from '../request/body.ts';
import { builtIn } from '../resources.ts';
import { badRequest, invalid, notFound } from '../status.ts';
import { refOf, timestamp, type Answer, type Api, type ApiRequest } from './api.ts';

const defaultS = 3_600;
const shortestS = 600;
const longestS = 86_400 * 365;

interface Asked {
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  readonly boundObjectRef?: Readonly<Record<string, unknown>>;
}

/** Issues a token of a service account, bound to a pod when it is asked for one. */
export function createToken(api: Api, request: ApiRequest): Answer {
  const { type, info } = request;
  const asked = readTokenRequest(request);
  api.store.sync();
  const account = api.store.find(refOf(request));
  if (!account) throw notFound(type, info.name);
  const pod = asked.boundObjectRef && findPod(api, request, asked.boundObjectRef);
  const now = api.now();
  const issuedS = Math.floor(now.getTime() / 1_000);
  const token = api.tokens.issue({
    aud: asked.audiences,
    iat: issuedS,
    exp: issuedS + asked.expirationSeconds,
    sub: `system:serviceaccount:${info.namespace}:${info.name}`,
    'kubernetes.io': {
      namespace: info.namespace,
      serviceaccount: { name: info.name, uid: account.metadata.uid ?? '' },
      ...(pod && { pod }),
    },
  });
  const expirationTimestamp = timestamp(new Date((issuedS + asked.expirationSeconds) * 1_000));
  const metadata = { name: info.name, namespace: info.namespace, creationTimestamp: timestamp(now) };
  const object = { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', metadata, spec: asked };
  return { code: 201, object: { ...object, status: { token, expirationTimestamp } } };
}

function readTokenRequest(request: ApiRequest): Asked {
  const { info } = request;
  // Go's clients write null for what they do not set.
  const given = withoutNulls(readValue(request));
  const spec = isObject(given) && isObject(given['spec']) ? given['spec'] : {};
  const { audiences = [], expirationSeconds = defaultS, boundObjectRef } = spec;
  if (!Array.isArray(audiences) || !audiences.every((one) => typeof one === 'string')) {
    throw badRequest('spec.audiences must be a list of strings');
  }
  const seconds = Number(expirationSeconds);
  if (!(seconds >= shortestS && seconds <= longestS)) {
    const message = `Invalid value: ${String(expirationSeconds)}: may not specify a duration less than 10 minutes`;
    throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, info.name, [
      { reason: 'FieldValueInvalid', field: 'spec.expirationSeconds', message },
    ]);
  }
  return {
    audiences: audiences.length === 0 ? [issuer] : audiences,
    expirationSeconds: Math.floor(seconds),
    ...(isObject(boundObjectRef) && { boundObjectRef }),
  };
}

function findPod(
  { store }: Api,
  { info }: ApiRequest,
  { kind, name, uid }: NonNullable<Asked['boundObjectRef']>,
): BoundObject {
  if (kind !== 'Pod') throw badRequest(`cannot bind token to object of type ${JSON.stringify(kind)}`);
  if (typeof name !== 'string') throw badRequest('spec.boundObjectRef.name must be a string');
  const pod = store.find({ resource: 'pods', namespace: info.namespace, name });
  if (!pod || specOf<PodSpec>(pod).serviceAccountName !== info.name) throw notFound(builtIn('pods'), name);
  const found = pod.metadata.uid ?? '';
  if (uid !== undefined && uid !== found)
    throw badRequest(`the UID in the bound object reference is not that of pod ${name}`);
  return { name: pod.metadata.name, uid: found };
}
