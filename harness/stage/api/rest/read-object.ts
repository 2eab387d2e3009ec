import type { KubeObject, ObjectMeta } from '../../client/types.ts';
import { checkShape, isObject, withoutNulls } from '../kinds/shape.ts';
import { readValue } from '../request/body.ts';
import { apiVersionOf, type ResourceType } from '../resources.ts';
import { badRequest } from '../status.ts';
import type { ApiRequest } from './api.ts';

/** The body of a POST or PUT as an object of `type`. */
export function readBodyObject(request: ApiRequest, type = request.type): KubeObject {
  return toObject(type, request.info.namespace, readValue(request));
}

/** Throws 400 for what is not an object of that type, and of that namespace. */
export function toObject(type: ResourceType, namespace: string, value: unknown): KubeObject {
  if (!isObject(value)) throw badRequest(`the body of the request is not an object of kind ${type.kind}`);
  const apiVersion = apiVersionOf(type);
  const { apiVersion: givenVersion = apiVersion, kind = type.kind, metadata = {}, ...rest } = withoutNulls(value);
  if (givenVersion !== apiVersion || kind !== type.kind) {
    throw badRequest(
      `the API version in the data (${String(givenVersion)}, Kind=${String(kind)}) does not match the expected API version (${apiVersion}, Kind=${type.kind})`,
    );
  }
  const object = { apiVersion, kind, metadata: metadata as ObjectMeta, ...rest };
  checkShape(type, object);
  return { ...object, metadata: inNamespace(type, namespace, object.metadata) };
}

function inNamespace(type: ResourceType, namespace: string, metadata: ObjectMeta): ObjectMeta {
  const { namespace: given, ...rest } = metadata;
  if (!type.namespaced) return rest;
  if (given !== undefined && given !== '' && given !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  return { ...rest, namespace };
}
