import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import type { KubeObject } from '../../client/types.ts';
import { isTrue } from '../request/request-info.ts';
import { apiVersionOf, isBuiltIn, storageKey } from '../resources.ts';
import { ApiStatus, badRequest, invalid } from '../status.ts';
import { keyOf } from '../store/object-store.ts';
import { toTable } from '../table/table.ts';
import { findNow, type Answer, type Api, type ApiRequest } from './api.ts';
import { parseSelection } from './select.ts';

export function get(api: Api, request: ApiRequest): Answer {
  const { type, info, as } = request;
  const object = findNow(api, request);
  return { code: 200, object: as === 'Table' ? toTable(type, [object], object.metadata, info.query) : object };
}

export async function list(api: Api, request: ApiRequest): Promise<Answer> {
  const { type, info } = request;
  const page = readPage(api, request, readListQuery(info.query, false));
  if (request.as === 'Table') return { code: 200, object: toTable(type, page.items, page.metadata, info.query) };
  request.response.setHeader('content-type', 'application/json');
  await pipeline(jsonOf(request, page), request.response, { signal: request.signal });
  return undefined;
}

interface Page {
  readonly items: readonly KubeObject[];
  readonly metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
}

function readPage({ store }: Api, request: ApiRequest, query: ListQuery): Page {
  const resource = storageKey(request.type);
  const { revision = 0, match, continueAt } = query;
  const [at, after] = continueAt ?? [match === 'Exact' ? revision : undefined];
  // What is in the cache comes as it is, and as a whole.
  const isAny = query.revision === 0 && match === '';
  if (query.revision !== 0) store.sync();
  const newest = store.revision();
  if ((at ?? revision) > newest) throw tooLarge(at ?? revision, newest);
  const objects = at === undefined ? store.list(resource) : store.listAt(resource, at);
  const rest = after === undefined ? objects : objects.filter((object) => keyOf(object) > after);
  const matches = parseSelection(request);
  const selected = matches ? rest.filter(matches) : rest;
  const metadata = { resourceVersion: String(at ?? newest) };
  const last = isAny ? undefined : selected[query.limit - 1];
  if (!last || selected.length === query.limit) return { items: selected, metadata };
  // With a selector the real server does not look at all that are left, so it does not say how many.
  const hasSelector = ['labelSelector', 'fieldSelector'].some((name) => request.info.query.get(name));
  const left = hasSelector ? {} : { remainingItemCount: selected.length - query.limit };
  const next = writeToken(at ?? newest, keyOf(last));
  return { items: selected.slice(0, query.limit), metadata: { ...metadata, continue: next, ...left } };
}

/** A revision that no server has written yet: the client has seen another cluster, or a store that was lost. */
export function tooLarge(asked: number, newest: number): ApiStatus {
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  const message = `Timeout: Too large resource version: ${asked}, current: ${newest}`;
  return new ApiStatus(504, 'Timeout', message, { causes, retryAfterSeconds: 1 });
}

/** Objects that are made into JSON before others get their turn. */
const objectsPerTurn = 50;

/** A list is written piece by piece: however long it is, memory stays small and other requests go on. */
async function* jsonOf(request: ApiRequest, { items, metadata }: Page): AsyncGenerator<string> {
  // Said once for all; objects of custom kinds say it themselves.
  const implied = isBuiltIn(request.type) ? { kind: undefined, apiVersion: undefined } : {};
  const head = { kind: `${request.type.kind}List`, apiVersion: apiVersionOf(request.type), metadata };
  yield `${JSON.stringify(head).slice(0, -1)},"items":[`;
  for (let at = 0; at < items.length; at += objectsPerTurn) {
    const piece = items.slice(at, at + objectsPerTurn).map((item) => JSON.stringify({ ...item, ...implied }));
    yield (at === 0 ? '' : ',') + piece.join(',');
    await setImmediate();
  }
  yield ']}\n';
}

/** From which moment a list or a watch is wanted, and how much of it. */
export interface ListQuery {
  /** Undefined: the newest state; 0: any state. */
  readonly revision: number | undefined;
  readonly match: string;
  /** 0: all of it. */
  readonly limit: number;
  /** Where a page ended: the revision of its list, and the key of its last object. */
  readonly continueAt: readonly [revision: number, after: string] | undefined;
  readonly sendInitialEvents: boolean | undefined;
}

/** Throws 400 and 422 for combinations that the real server refuses too. */
export function readListQuery(query: URLSearchParams, isWatch: boolean): ListQuery {
  const revision = readNumber(query, 'resourceVersion');
  const match = query.get('resourceVersionMatch') ?? '';
  const continueAt = readToken(query.get('continue') ?? '');
  const initial = query.get('sendInitialEvents');
  const matches = isWatch ? [initial === null ? '' : 'NotOlderThan'] : ['', ...matchesOfList(revision, continueAt)];
  const field = !matches.includes(match) ? 'resourceVersionMatch' : isWatch ? 'continue' : 'sendInitialEvents';
  const isRefused = !matches.includes(match) || (isWatch ? continueAt !== undefined : initial !== null);
  if (isRefused) {
    const cause = { reason: 'FieldValueForbidden', field, message: 'Forbidden: not with the other options' };
    throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [cause]);
  }
  if (continueAt && revision) throw badRequest('specifying resource version is not allowed when using continue');
  const limit = readNumber(query, 'limit') ?? 0;
  return { revision, match, limit, continueAt, sendInitialEvents: initial === null ? undefined : isTrue(initial) };
}

function matchesOfList(revision: number | undefined, continueAt: ListQuery['continueAt']): readonly string[] {
  if (revision === undefined || continueAt) return [];
  return revision === 0 ? ['NotOlderThan'] : ['NotOlderThan', 'Exact'];
}

function readNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name) ?? '';
  if (text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`${name}: Invalid value: ${JSON.stringify(text)}: not a number`);
  return Number(text);
}

export function writeToken(rv: number, start: string): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv, start })).toString('base64url');
}

function readToken(token: string): ListQuery['continueAt'] {
  if (token === '') return undefined;
  const text = Buffer.from(token, 'base64url').toString('utf8');
  const [, revision, after] = /^\{"v":"meta\.k8s\.io\/v1","rv":(\d{1,15}),"start":"(.+)"\}$/.exec(text) ?? [];
  if (after === undefined) throw badRequest('continue key is not valid');
  return [Number(revision), after];
}
