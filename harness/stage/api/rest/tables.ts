import type { KubeObject } from '../../client/types.ts';
import { badRequest } from '../status.ts';
import { toTable } from '../table/table.ts';
import type { ApiRequest } from './api.ts';

const includes = ['None', 'Metadata', 'Object'] as const;

/** What `kubectl get` prints: rows in place of objects. */
export function asTable({ type, info }: ApiRequest, objects: readonly KubeObject[], metadata: object): object {
  const asked = info.query.get('includeObject') ?? 'Metadata';
  const includeObject = includes.find((one) => one === asked);
  if (!includeObject) throw badRequest(`includeObject must be one of ${includes.join(', ')}`);
  const { resourceVersion } = metadata as { resourceVersion?: string };
  const { continue: next, remainingItemCount } = metadata as { continue?: string; remainingItemCount?: number };
  const own = { resourceVersion, ...(next !== undefined && { continue: next, remainingItemCount }) };
  return { ...toTable(type, objects, { includeObject }), metadata: own };
}
