import { randomInt } from 'node:crypto';
import type { KubeObject } from '../../client/types.ts';
import { isTrue } from '../request/request-info.ts';
import { storageKey } from '../resources.ts';
import { openBodyWriter, type BodyWriter } from '../serve/body-writer.ts';
import { ApiStatus } from '../status.ts';
import type { ChangeEvent } from '../store/watch-cache.ts';
import type { Answer, Api, ApiRequest } from './api.ts';
import { tooLarge } from './list.ts';
import { readListQuery, type ListQuery } from './list-query.ts';
import { parseSelection } from './select-objects.ts';
import { watchLines, type WatchLines } from './watch-lines.ts';

/** Changes that may come while one write waits for its reader; who is slower is dropped, and can begin again with a list. */
const mostMissed = 100;
/** Lines that are written at once. */
const linesPerWrite = 100;
/** How often a watch that hears nothing is told how far it is; as the real server. */
const bookmarkMs = 60_000;
/** A watch that does not say how long lasts for a random time from this on, up to twice; `--min-request-timeout`. */
const shortestS = 1_800;

/** Answers with one JSON line per change until the client, the time or the server ends it. */
export async function watch(api: Api, request: ApiRequest): Promise<Answer> {
  const { type, info, response, signal } = request;
  const query = readListQuery(info.query, true);
  const withBookmarks = isTrue(info.query.get('allowWatchBookmarks'));
  const matches = parseSelection(request) ?? (() => true);
  const lines = watchLines(request, matches);
  const resource = storageKey(type);
  api.store.sync();

  // Nothing may happen between what is known now and the subscription.
  const start = beginning(api, resource, query);
  const queue = openQueue(api.store.revision, () => response.writableNeedDrain);
  const end = (): void => {
    queue.end();
    // Who does not read now will not hear of the end either.
    if (response.writableNeedDrain) response.destroy();
  };
  const unsubscribe = api.store.subscribe(resource, (event) => {
    if (!queue.push(event)) response.destroy();
  });
  const bookmarks = withBookmarks ? setInterval(queue.pushBookmark, bookmarkMs) : undefined;
  const timer = setTimeout(end, durationMs(info.query));
  const watched = [signal, api.stopping];
  for (const one of watched) one.addEventListener('abort', end);
  try {
    const writer = openBodyWriter(response, undefined, 0, signal);
    response.flushHeaders();
    if (start instanceof ApiStatus) await writer.write(lines.error(start));
    else {
      const initial = { ...start, objects: start.objects.filter(matches) };
      await writeStart(writer, lines, initial, withBookmarks && query.sendInitialEvents === true);
      request.releaseSeat();
      await writeChanges(writer, lines, queue);
    }
    await writer.end();
  } finally {
    unsubscribe();
    clearInterval(bookmarks);
    clearTimeout(timer);
    for (const one of watched) one.removeEventListener('abort', end);
  }
  return undefined;
}

interface Beginning {
  readonly objects: readonly KubeObject[];
  readonly events: readonly ChangeEvent[];
  readonly revision: number;
}

/** What is sent first; a Status when that moment cannot be had, which the watch itself then says. */
function beginning({ store }: Api, resource: string, query: ListQuery): Beginning | ApiStatus {
  const revision = store.revision();
  const asked = query.revision ?? 0;
  const all = query.sendInitialEvents ?? asked === 0;
  try {
    if (asked > revision && all) return tooLarge(asked, revision);
    if (all) return { objects: store.list(resource), events: [], revision };
    if (asked === 0) return { objects: [], events: [], revision };
    return { objects: [], events: store.eventsSince(resource, asked), revision };
  } catch (problem) {
    if (problem instanceof ApiStatus) return problem;
    throw problem;
  }
}

async function writeStart(
  writer: BodyWriter,
  lines: WatchLines,
  { objects, events, revision }: Beginning,
  endWithBookmark: boolean,
): Promise<void> {
  const pieces: (() => string)[] = [];
  for (let at = 0; at < objects.length; at += linesPerWrite) {
    pieces.push(() =>
      objects
        .slice(at, at + linesPerWrite)
        .map((object) => lines.added(object))
        .join(''),
    );
  }
  pieces.push(() => events.map((event) => lines.event(event) ?? '').join(''));
  if (endWithBookmark) pieces.push(() => lines.bookmark(revision, true));
  for (const piece of pieces) {
    const text = piece();
    if (text !== '') await writer.write(text);
  }
}

async function writeChanges(writer: BodyWriter, lines: WatchLines, queue: Queue): Promise<void> {
  for (;;) {
    const batch = await queue.take();
    if (!batch) return;
    const text = batch
      .map((item) => ('bookmark' in item ? lines.bookmark(item.bookmark, false) : (lines.event(item) ?? '')))
      .join('');
    if (text !== '') await writer.write(text);
  }
}

type Item = ChangeEvent | { readonly bookmark: number };

interface Queue {
  /** False when the reader was too slow, or changes were lost: it must start again. */
  readonly push: (event: ChangeEvent | undefined) => boolean;
  readonly pushBookmark: () => void;
  readonly end: () => void;
  /** The next items, oldest first; undefined when the watch ends. */
  readonly take: () => Promise<Item[] | undefined>;
}

function openQueue(revision: () => number, isBlocked: () => boolean): Queue {
  const items: Item[] = [];
  let missed = 0;
  let ended = false;
  let wake: (() => void) | undefined;
  const add = (item: Item): void => {
    items.push(item);
    wake?.();
  };
  return {
    push: (event) => {
      missed = isBlocked() ? missed + 1 : 0;
      if (!event || missed > mostMissed) return false;
      add(event);
      return true;
    },
    pushBookmark: () => add({ bookmark: revision() }),
    end: () => {
      ended = true;
      wake?.();
    },
    take: async () => {
      if (items.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      missed = 0;
      return items.length > 0 ? items.splice(0, linesPerWrite) : undefined;
    },
  };
}

function durationMs(query: URLSearchParams): number {
  const asked = Number(query.get('timeoutSeconds') ?? 0);
  const seconds = Number.isSafeInteger(asked) && asked > 0 ? asked : shortestS + randomInt(shortestS);
  return Math.min(seconds, 2_000_000) * 1_000;
}
