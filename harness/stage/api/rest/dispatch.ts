import { methodNotAllowed, notFound } from '../status.ts';
import type { Answer, Api, ApiRequest, Handler } from './api.ts';
import { create } from './create.ts';
import { remove, removeCollection } from './delete.ts';
import { get, list } from './list.ts';
import { patch } from './patch.ts';
import { podLog } from './pod-log.ts';
import { bind, evict } from './pod-subresources.ts';
import { review } from './reviews.ts';
import { getScale, setScale } from './scale.ts';
import { createToken } from './token-request.ts';
import { update } from './update.ts';
import { watch } from './watch.ts';

type Verbs = Readonly<Record<string, Handler>>;

const verbs: Verbs = { get, list, watch, create, update, patch, delete: remove, deletecollection: removeCollection };

const subresources: Readonly<Record<string, Verbs>> = {
  status: { get, update, patch },
  finalize: { update },
  scale: { get: getScale, update: setScale, patch: setScale },
  log: { get: podLog },
  eviction: { create: evict },
  binding: { create: bind },
  token: { create: createToken },
};

/** Verbs of a kind, as discovery tells them. */
export function verbsOf(subresource: string): readonly string[] {
  return Object.keys(subresource === '' ? verbs : (subresources[subresource] ?? {}));
}

/** Throws 404 for a subresource that the kind does not have, 405 for what cannot be done with it. */
export async function dispatch(api: Api, request: ApiRequest): Promise<Answer> {
  const { info, type } = request;
  if (info.subresource !== '' && !type.subresources.includes(info.subresource)) throw notFound();
  if (type.createOnly) return review(api, request);
  const handler = (info.subresource === '' ? verbs : (subresources[info.subresource] ?? {}))[info.verb];
  if (!handler) throw methodNotAllowed();
  return await handler(api, request);
}
