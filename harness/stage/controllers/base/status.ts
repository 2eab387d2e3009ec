import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, Resource } from '../../client/types.ts';
import type { Context } from './context.ts';

/**
 * Writes those fields of a status that are not so already. Fields that are not named stay. A conflict rejects with 409:
 * what was decided on is no longer true.
 */
export async function updateStatus(
  { client }: Context,
  resource: Resource,
  object: KubeObject,
  status: object,
): Promise<void> {
  const has = (object['status'] ?? {}) as Record<string, unknown>;
  const changed = Object.entries(status).filter(([field, value]) => !isDeepStrictEqual(has[field], value));
  if (changed.length === 0) return;
  const { namespace, name, resourceVersion } = object.metadata;
  const patch = { metadata: { resourceVersion }, status: Object.fromEntries(changed) };
  await client.patch(resource, { namespace, name }, patch, 'status');
}
