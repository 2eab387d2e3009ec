import { setImmediate } from 'node:timers/promises';
import type { KubeObject } from '../../client/types.ts';
import { notFound, ApiStatus, gone } from '../status.ts';
import { openBodyWriter } from '../serve/body-writer.ts';
import { apiVersionOf, storageKey, type ResourceType } from '../resources.ts';
import { keyOf } from '../store/watch-cache.ts';
import { refOf, type Answer, type Api, type ApiRequest } from './api.ts';
import { readListQuery, writeToken, type ListQuery } from './list-query.ts';
import { parseSelection } from './select-objects.ts';
import { asTable } from './tables.ts';

export function get(api: Api, request: ApiRequest): Answer {
  const { type, info, wanted } = request;
  api.store.sync();
  const found = api.store.find(refOf(request));
  if (!found) throw notFound(type, info.name);
  const object = inVersion(type, found);
  return { code: 200, object: wanted.as === 'Table' ? asTable(request, [object], found.metadata) : object };
}

/** Custom kinds may have several versions; all have the same fields. */
export function inVersion(type: ResourceType, object: KubeObject): KubeObject {
  const apiVersion = apiVersionOf(type);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}

export async function list(api: Api, request: ApiRequest): Promise<Answer> {
  const { type, wanted } = request;
  const { items, metadata } = readPage(api, request, readListQuery(request.info.query, false));
  if (wanted.as === 'Table') {
    return {
      code: 200,
      object: asTable(
        request,
        items.map((item) => inVersion(type, item)),
        metadata,
      ),
    };
  }
  await writeList(request, items, metadata);
  return undefined;
}

/** Then it is not known how many are left without looking at all of them; the real server does not say. */
function hasSelector({ info: { query } }: ApiRequest): boolean {
  return Boolean(query.get('labelSelector') || query.get('fieldSelector'));
}

interface Page {
  readonly items: readonly KubeObject[];
  readonly metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
}

function readPage(api: Api, request: ApiRequest, query: ListQuery): Page {
  const { objects, revision } = readObjects(api, storageKey(request.type), query);
  const matches = parseSelection(request);
  const metadata = { resourceVersion: String(revision) };
  // Whatever is in the cache comes as a whole.
  const limit = query.revision === 0 && query.match === '' ? 0 : query.limit;
  const after = query.continueAt?.after;
  const start = after === undefined ? 0 : objects.findIndex((object) => keyOfObject(object) > after);
  const rest = start < 0 ? [] : start === 0 ? objects : objects.slice(start);
  const selected = matches ? rest.filter(matches) : rest;
  const last = selected[limit - 1];
  if (limit === 0 || selected.length <= limit || !last) return { items: selected, metadata };
  return {
    items: selected.slice(0, limit),
    metadata: {
      ...metadata,
      continue: writeToken({ revision, after: keyOfObject(last) }),
      ...(!hasSelector(request) && { remainingItemCount: selected.length - limit }),
    },
  };
}

function readObjects(
  { store }: Api,
  resource: string,
  { revision, match, continueAt }: ListQuery,
): { objects: readonly KubeObject[]; revision: number } {
  if (revision !== 0) store.sync();
  const at = continueAt?.revision ?? (match === 'Exact' ? revision : undefined);
  const newest = store.revision();
  if ((at ?? revision ?? 0) > newest) throw tooLarge(at ?? revision ?? 0, newest);
  if (at === undefined) return { objects: store.list(resource), revision: newest };
  try {
    return { objects: store.listAt(resource, at), revision: at };
  } catch (problem) {
    if (!(problem instanceof ApiStatus)) throw problem;
    throw continueAt
      ? gone('The provided continue parameter is too old to display a consistent list result.')
      : problem;
  }
}

/** A revision that no server has written yet: the client has seen another cluster, or a store that was lost. */
export function tooLarge(asked: number, newest: number): ApiStatus {
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  const message = `Timeout: Too large resource version: ${asked}, current: ${newest}`;
  return new ApiStatus(504, 'Timeout', message, { causes }, 1);
}

function keyOfObject({ metadata }: KubeObject): string {
  return keyOf(metadata.namespace ?? '', metadata.name);
}

/** Objects that are made into JSON before others get their turn. */
const objectsPerTurn = 50;

/** A list is written piece by piece: however long it is, memory stays small and other requests go on. */
async function writeList(request: ApiRequest, items: readonly KubeObject[], metadata: object): Promise<void> {
  const { type, response, incoming, signal } = request;
  const estimate = items.length * (items[0] ? JSON.stringify(items[0]).length : 0);
  const writer = openBodyWriter(response, incoming.headers['accept-encoding'], estimate, signal);
  const head = { kind: `${type.kind}List`, apiVersion: apiVersionOf(type), metadata };
  let text = `${JSON.stringify(head).slice(0, -1)},"items":[`;
  for (let at = 0; at < items.length; at += objectsPerTurn) {
    const piece = items.slice(at, at + objectsPerTurn).map((item) => JSON.stringify(inVersion(type, item)));
    await writer.write(`${text}${piece.join(',')}`);
    text = ',';
    await setImmediate();
  }
  await writer.write(items.length === 0 ? `${text}]}\n` : ']}\n');
  await writer.end();
}
