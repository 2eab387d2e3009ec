/** Where the pure parts of patching and of field ownership are joined to requests. */
import type { KubeObject } from '../../client/types.ts';
import { recordUpdate } from '../patch/managed-fields.ts';
import { jsonPatch } from '../patch/json-patch.ts';
import { mergePatch } from '../patch/merge-patch.ts';
import { strategicMergePatch } from '../patch/strategic-merge-patch.ts';
import { isBuiltIn } from '../resources.ts';
import { unsupportedMediaType } from '../status.ts';
import type { ApiRequest } from './api.ts';

export const applyType = 'application/apply-patch+yaml';
const jsonType = 'application/json-patch+json';
const mergeType = 'application/merge-patch+json';
const strategicType = 'application/strategic-merge-patch+json';

/** Throws 415 for a type of patch that the kind does not have: custom ones have no list keys. */
export function checkPatchType({ contentType, type }: ApiRequest): void {
  const types = [jsonType, mergeType, applyType, ...(isBuiltIn(type) ? [strategicType] : [])];
  if (!types.includes(contentType)) throw unsupportedMediaType(types);
}

/** Applies the patch that came with a request, whose type was checked. */
export function applyPatch({ contentType }: ApiRequest, patch: unknown, object: KubeObject): KubeObject {
  switch (contentType) {
    case jsonType:
      return jsonPatch(object, patch);
    case strategicType:
      return strategicMergePatch(object, patch, object.kind);
    default:
      return mergePatch(object, patch);
  }
}

/** The object with `managedFields` that say what the manager of this request has written. */
export function recordOwnership(
  { manager }: Pick<ApiRequest, 'manager'>,
  before: KubeObject | undefined,
  after: KubeObject,
  subresource: string,
  now: Date,
): KubeObject {
  const way = subresource === '' ? {} : { subresource };
  const managedFields = recordUpdate({ before, after, manager, operation: 'Update', ...way, now });
  const { managedFields: _sent, ...metadata } = after.metadata;
  return { ...after, metadata: managedFields.length === 0 ? metadata : { ...metadata, managedFields } };
}
