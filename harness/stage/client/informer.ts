import { systemClock, type Clock } from '../../core/clock.ts';
import type { Random } from '../../core/random.ts';
import { BackOff } from './back-off.ts';
import { StatusError, hasCode } from './status-error.ts';
import { ObjectStore } from './object-store.ts';
import type { Informer, InformerOptions, Resource, StageClient, WatchEvent } from './types.ts';

/** A watch that ends sooner than this without an event says that something is wrong (client-go). */
const shortWatchMs = 1_000;

/** Starts an informer. It works until `stop`, through any outage of the API. */
export function informer(
  client: StageClient,
  resource: Resource,
  options: InformerOptions & { readonly clock?: Clock; readonly random?: Pick<Random, 'next'> } = {},
): Informer {
  const reflector = new Reflector(client, resource, options);
  void reflector.run();
  return {
    hasSynced: () => reflector.hasSynced,
    synced: reflector.synced,
    objects: reflector.store.objects,
    stop: () => reflector.stop(),
  };
}

class Reflector {
  readonly store: ObjectStore;
  readonly synced: Promise<void>;
  hasSynced = false;
  readonly #client: StageClient;
  readonly #resource: Resource;
  readonly #options: InformerOptions;
  readonly #clock: Clock;
  readonly #backOff: BackOff;
  readonly #stopped = new AbortController();
  readonly #firstSync = Promise.withResolvers<void>();
  /** How far we are; undefined: a LIST comes next. */
  #resourceVersion: string | undefined;

  constructor(
    client: StageClient,
    resource: Resource,
    options: InformerOptions & { readonly clock?: Clock; readonly random?: Pick<Random, 'next'> },
  ) {
    this.#client = client;
    this.#resource = resource;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#backOff = new BackOff(options.random ?? { next: Math.random });
    this.store = new ObjectStore(options);
    this.synced = this.#firstSync.promise;
    this.synced.catch(() => undefined);
  }

  async run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        await this.#listAndWatch(signal);
      } catch (problem) {
        if (signal.aborted) break;
        this.#options.onError?.(problem);
        // No answer or "too many": the copy is still good, and the watch may go on where it was. Otherwise: LIST.
        const answered = problem instanceof StatusError && problem.code !== undefined && !hasCode(problem, 429);
        if (answered) this.#resourceVersion = undefined;
        await this.#clock.sleep(this.#backOff.nextMs(this.#clock.monotonicMs()), signal).catch(() => undefined);
      }
    }
    this.#firstSync.reject(new StatusError(`${this.#resource.plural}: stopped before the first sync`));
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #listAndWatch(signal: AbortSignal): Promise<void> {
    this.#resourceVersion ??= await this.#list(signal);
    const startMs = this.#clock.monotonicMs();
    let events = 0;
    await this.#client.watch(this.#resource, {
      ...this.#selection(),
      resourceVersion: this.#resourceVersion,
      signal,
      onEvent: (event) => {
        events += 1;
        this.#take(event);
      },
    });
    if (!signal.aborted && events === 0 && this.#clock.monotonicMs() - startMs < shortWatchMs) {
      throw new StatusError(`${this.#resource.plural}: the watch ended at once`);
    }
  }

  /** The first LIST takes what the API has at hand; a later one must not go back in time, so it asks for the newest. */
  async #list(signal: AbortSignal): Promise<string> {
    const list = await this.#client.list(this.#resource, {
      ...this.#selection(),
      ...(!this.hasSynced && { resourceVersion: '0' }),
    });
    if (signal.aborted) return list.resourceVersion;
    this.store.replace(list.items);
    this.hasSynced = true;
    this.#firstSync.resolve();
    return list.resourceVersion;
  }

  #take({ type, object }: WatchEvent): void {
    this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
    if (type === 'DELETED') this.store.delete(object);
    else if (type !== 'BOOKMARK') this.store.set(object);
  }

  #selection(): Pick<InformerOptions, 'namespace' | 'labelSelector' | 'fieldSelector'> {
    const { namespace, labelSelector, fieldSelector } = this.#options;
    return {
      ...(namespace !== undefined && { namespace }),
      ...(labelSelector !== undefined && { labelSelector }),
      ...(fieldSelector !== undefined && { fieldSelector }),
    };
  }
}
