import type { ResourceType } from '../resources.ts';
import { methodNotAllowed, notFound } from '../status.ts';
import type { Answer, Api, ApiRequest, Handler } from './api.ts';
import { evict, remove, removeCollection } from './delete.ts';
import { get, list } from './list.ts';
import { podLog } from './pod-log.ts';
import { review } from './reviews.ts';
import { bind, createToken, getScale, setScale } from './subresources.ts';
import { watch } from './watch.ts';
import { create, patch, update } from './write.ts';

/** By subresource ('' is the object itself) and verb. */
const handlers: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  '': { get, list, watch, create, update, patch, delete: remove, deletecollection: removeCollection },
  status: { get, update, patch },
  finalize: { update },
  scale: { get: getScale, update: setScale, patch: setScale },
  log: { get: podLog },
  eviction: { create: evict },
  binding: { create: bind },
  token: { create: createToken },
};

/** Verbs of a kind, as discovery tells them. Nobody deletes all namespaces at once. */
export function verbsOf({ kind, createOnly }: ResourceType, subresource: string): readonly string[] {
  if (createOnly) return ['create'];
  const verbs = Object.keys(handlers[subresource] ?? {});
  return kind === 'Namespace' ? verbs.filter((verb) => verb !== 'deletecollection') : verbs;
}

/** Throws 404 for a subresource that the kind does not have, 405 for what cannot be done with it. */
export async function dispatch(api: Api, request: ApiRequest): Promise<Answer> {
  const { info, type } = request;
  if (info.subresource !== '' && !type.subresources.includes(info.subresource)) throw notFound();
  const handler = type.createOnly ? review : handlers[info.subresource]?.[info.verb];
  if (!handler || !verbsOf(type, info.subresource).includes(info.verb)) throw methodNotAllowed();
  return await handler(api, request);
}
