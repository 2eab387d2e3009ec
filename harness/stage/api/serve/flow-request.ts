import type { User } from '../auth/user.ts';
import type { FlowRequest } from '../flow/types.ts';
import type { RequestInfo } from '../request/request-info.ts';
import { storageKey, type ResourceType } from '../resources.ts';
import type { ObjectStore } from '../store/object-store.ts';

/** A request as flow control sees it, with how much work a list will be. */
export function flowRequest(
  user: User,
  info: RequestInfo,
  type: ResourceType | undefined,
  store: Pick<ObjectStore, 'count' | 'list'> | undefined,
): FlowRequest {
  const isWatch = info.verb === 'watch';
  const reads = info.verb === 'list' || (isWatch && readsObjects(info.query));
  const size =
    reads && type && store ? sizeOf(store, storageKey(type), info) : { objectCount: info.name === '' ? 0 : 1 };
  return {
    user: user.name,
    groups: user.groups,
    verb: info.verb,
    path: info.path,
    apiGroup: info.group,
    version: info.version,
    resource: info.resource,
    subresource: info.subresource,
    namespace: info.namespace,
    name: info.name,
    isWatch,
    ...size,
  };
}

/** A watch that begins at a revision sends only what changed since. */
function readsObjects(query: URLSearchParams): boolean {
  return ['', '0'].includes(query.get('resourceVersion') ?? '') || query.has('sendInitialEvents');
}

/** One object stands for all: only the order of magnitude matters. */
function sizeOf(
  store: Pick<ObjectStore, 'count' | 'list'>,
  resource: string,
  { query, name }: RequestInfo,
): Pick<FlowRequest, 'objectCount' | 'averageObjectBytes'> {
  if (name !== '' || /(?:^|,)metadata\.name=/.test(query.get('fieldSelector') ?? '')) return { objectCount: 1 };
  const stored = store.count(resource);
  const limit = Number(query.get('limit') ?? 0);
  const whole = !(limit > 0) || query.get('resourceVersion') === '0';
  const sample = store.list(resource)[stored >> 1];
  return {
    objectCount: whole ? stored : Math.min(stored, limit),
    ...(sample && { averageObjectBytes: JSON.stringify(sample).length }),
  };
}
