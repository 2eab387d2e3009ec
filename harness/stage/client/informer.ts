import { systemClock } from '../../core/clock.ts';
import type { Random } from '../../core/random.ts';
import { keyOf } from './object-store.ts';
import { StatusError } from './status-error.ts';
import type { Informer, InformerOptions, KubeObject, Resource, StageClient, WatchEvent } from './types.ts';

/** A watch that ends sooner than this without an event says that something is wrong (client-go). */
const shortWatchMs = 1_000;
/** client-go's reflector: the cap holds for the base, so with the jitter the longest wait is a minute. */
const firstWaitMs = 800;
const waitCapMs = 30_000;
const resetAfterMs = 120_000;

/** Starts an informer. It works until `stop`, through any outage of the API. */
export function informer<T extends KubeObject>(
  client: StageClient,
  resource: Resource,
  options: InformerOptions = {},
): Informer<T> {
  const { clock = systemClock, random = { next: Math.random }, fieldSelector, onError } = options;
  const stopped = new AbortController();
  const { signal } = stopped;
  const firstSync = Promise.withResolvers<void>();
  firstSync.promise.catch(() => undefined);
  const objects = new Map<string, KubeObject>();
  const nextWaitMs = backOff(random);
  let hasSynced = false;
  /** How far we are; undefined: a LIST comes next. */
  let position: string | undefined;

  /** The first takes what the API has at hand; a later one must not go back in time, so it asks for the newest. */
  const list = async (): Promise<string> => {
    const found = await client.list(resource, { fieldSelector, resourceVersion: hasSynced ? undefined : '0' });
    if (signal.aborted) return found.resourceVersion;
    replace(objects, found.items, options);
    hasSynced = true;
    firstSync.resolve();
    return found.resourceVersion;
  };
  const watch = async (resourceVersion: string): Promise<void> => {
    const startMs = clock.monotonicMs();
    let events = 0;
    const onEvent = ({ type, object }: WatchEvent): void => {
      events += 1;
      position = object.metadata.resourceVersion ?? position;
      if (type !== 'BOOKMARK') put(objects, object, type === 'DELETED', options);
    };
    await client.watch(resource, { fieldSelector, resourceVersion, signal, onEvent });
    const isShort = events === 0 && clock.monotonicMs() - startMs < shortWatchMs;
    if (isShort && !signal.aborted) throw new StatusError(`${resource.plural}: the watch ended at once`);
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        position ??= await list();
        await watch(position);
      } catch (problem) {
        if (signal.aborted) break;
        onError?.(problem);
        // No answer or "too many": the copy is still good, and the watch may go on where it was. Otherwise: LIST.
        if (problem instanceof StatusError && problem.code !== undefined && problem.code !== 429) position = undefined;
        await clock.sleep(nextWaitMs(clock.monotonicMs()), signal).catch(() => undefined);
      }
    }
    firstSync.reject(new StatusError(`${resource.plural}: stopped before the first sync`));
  };
  void run();
  return {
    hasSynced: () => hasSynced,
    synced: firstSync.promise,
    objects: objects as ReadonlyMap<string, KubeObject> as ReadonlyMap<string, T>,
    stop: () => stopped.abort(),
  };
}

/** Takes a whole list: what is not in it was deleted meanwhile; what has not changed is not told. */
function replace(objects: Map<string, KubeObject>, items: readonly KubeObject[], listener: InformerOptions): void {
  const kept = new Set(items.map(keyOf));
  for (const [key, object] of objects) if (!kept.has(key)) put(objects, object, true, listener);
  for (const item of items) {
    const before = objects.get(keyOf(item));
    const isSame = before !== undefined && before.metadata.resourceVersion === item.metadata.resourceVersion;
    if (!isSame) put(objects, item, false, listener);
  }
}

/** The copy is kept whatever its reader does with the news. */
function put(
  objects: Map<string, KubeObject>,
  object: KubeObject,
  isDeleted: boolean,
  { onChange, onError }: InformerOptions,
): void {
  const key = keyOf(object);
  const before = objects.get(key);
  if (isDeleted && !objects.delete(key)) return;
  if (!isDeleted) objects.set(key, object);
  const type = isDeleted ? 'deleted' : before === undefined ? 'added' : 'modified';
  try {
    onChange?.({ type, object, before });
  } catch (problem) {
    onError?.(problem);
  }
}

/**
 * Waits that double, each with up to its own length again as jitter; small again after 2 minutes without a wait. Gives
 * the milliseconds to wait now; `nowMs` is monotonic.
 */
export function backOff(random: Pick<Random, 'next'>): (nowMs: number) => number {
  let baseMs = firstWaitMs;
  let lastMs = -Infinity;
  return (nowMs) => {
    if (nowMs - lastMs > resetAfterMs) baseMs = firstWaitMs;
    lastMs = nowMs;
    const waitMs = baseMs * (1 + random.next());
    baseMs = Math.min(baseMs * 2, waitCapMs);
    return waitMs;
  };
}
