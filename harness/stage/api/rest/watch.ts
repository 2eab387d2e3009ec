import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import type { KubeObject } from '../../client/types.ts';
import { isTrue } from '../request/request-info.ts';
import { apiVersionOf, storageKey } from '../resources.ts';
import { ApiStatus } from '../status.ts';
import type { ChangeEvent } from '../store/object-store.ts';
import { toTable } from '../table/table.ts';
import type { Answer, Api, ApiRequest } from './api.ts';
import { readListQuery, tooLarge, type ListQuery } from './list.ts';
import { parseSelection, type Matcher } from './select.ts';

/** Who has not taken more than this is dropped, and begins again with a list. A burst of 1,000s of changes is less. */
const mostUnreadBytes = 32 * 1024 * 1024;
/** How often a watch is told how far it is; as the real server. */
const bookmarkMs = 60_000;
/** A watch that does not say how long lasts for a random time from this on, up to twice; `--min-request-timeout`. */
const shortestS = 1_800;

/** A line of the answer: an object that was there at the start, or a change. */
type Item = { readonly added: KubeObject } | ChangeEvent;

/** Answers with one JSON line per change until the client, the time or the server ends it. */
export async function watch({ store, stopping }: Api, request: ApiRequest): Promise<Answer> {
  const { type, info, response, signal } = request;
  const query = readListQuery(info.query, true);
  const matches = parseSelection(request) ?? (() => true);
  const resource = storageKey(type);
  store.sync();
  const revision = store.revision();
  const items = beginning(store, resource, query);
  // Nothing may happen between what is known now and the subscription; what comes while that is written waits.
  const waiting: ChangeEvent[] = [];
  let send = (event: ChangeEvent): void => void waiting.push(event);
  const unsubscribe = store.subscribe(resource, (event) => {
    send(event);
    if (response.writableLength > mostUnreadBytes) response.destroy();
  });
  const withBookmarks = isTrue(info.query.get('allowWatchBookmarks'));
  const remind = (): void => void response.write(bookmark(request, store.revision(), false));
  const reminder = withBookmarks ? setInterval(remind, bookmarkMs) : undefined;
  const over = AbortSignal.any([signal, stopping, AbortSignal.timeout(durationMs(info.query))]);
  try {
    response.setHeader('content-type', 'application/json');
    response.flushHeaders();
    await pipeline(linesOf(request, items, matches), response, { signal, end: false });
    if (withBookmarks && query.sendInitialEvents) response.write(bookmark(request, revision, true));
    request.releaseSeat();
    send = (event) => {
      const text = lineOf(request, event, matches);
      if (text !== '') response.write(text);
    };
    for (const event of waiting) send(event);
    if (!over.aborted && !(items instanceof ApiStatus)) await once(over, 'abort');
    // Who does not read now will not hear of the end either.
    if (response.writableNeedDrain) response.destroy();
    else response.end();
  } finally {
    unsubscribe();
    clearInterval(reminder);
  }
  return undefined;
}

/** What is sent first; a Status when that moment cannot be had, which the watch itself then says. */
function beginning(store: Api['store'], resource: string, query: ListQuery): readonly Item[] | ApiStatus {
  const revision = store.revision();
  const asked = query.revision ?? 0;
  const all = query.sendInitialEvents ?? asked === 0;
  if (asked > revision && all) return tooLarge(asked, revision);
  if (all) return store.list(resource).map((added) => ({ added }));
  try {
    return asked === 0 ? [] : store.eventsSince(resource, asked);
  } catch (problem) {
    if (problem instanceof ApiStatus) return problem;
    throw problem;
  }
}

function* linesOf(
  request: ApiRequest,
  items: readonly Item[] | ApiStatus,
  matches: Matcher<KubeObject>,
): Generator<string, void> {
  if (items instanceof ApiStatus) return yield line('ERROR', items.toObject());
  for (const item of items) {
    const text = lineOf(request, item, matches);
    if (text !== '') yield text;
  }
}

/** Empty when the watch is not about this. */
function lineOf({ type, as, info }: ApiRequest, item: Item, matches: Matcher<KubeObject>): string {
  const make = (kind: string, object: KubeObject): string =>
    line(kind, as === 'Table' ? toTable(type, [object], object.metadata, info.query) : object);
  if ('added' in item) return matches(item.added) ? make('ADDED', item.added) : '';
  const { object, previous, revision } = item;
  const was = previous !== undefined && matches(previous);
  const is = matches(object);
  // To who selects, an object that comes to match appears, and one that stops matching disappears.
  const isPlain = item.type === 'DELETED' ? was || is : is && was === (item.type === 'MODIFIED');
  if (isPlain) return as === '' ? sharedLine(item) : make(item.type, object);
  if (is) return make('ADDED', object);
  if (!was) return '';
  return make('DELETED', { ...previous, metadata: { ...previous.metadata, resourceVersion: String(revision) } });
}

/** @param endsInitial says that all that was there at the start has been sent. */
function bookmark({ type, as, info }: ApiRequest, revision: number, endsInitial: boolean): string {
  const annotations = endsInitial ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  const metadata = { resourceVersion: String(revision), creationTimestamp: null, ...annotations };
  const object = { kind: type.kind, apiVersion: apiVersionOf(type), metadata };
  return line('BOOKMARK', as === 'Table' ? { ...toTable(type, [], {}, info.query), metadata } : object);
}

function line(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

/** Watches of one kind send the same line at about the same time. */
let shared: { readonly event: ChangeEvent; readonly text: string } | undefined;

function sharedLine(event: ChangeEvent): string {
  if (shared?.event !== event) shared = { event, text: line(event.type, event.object) };
  return shared.text;
}

function durationMs(query: URLSearchParams): number {
  const asked = Number(query.get('timeoutSeconds') ?? 0);
  const seconds = Number.isSafeInteger(asked) && asked > 0 ? asked : shortestS + randomInt(shortestS);
  return Math.min(seconds, 2_000_000) * 1_000;
}
