import { informer } from '../../client/informer.ts';
import { resources } from '../../client/resources.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Random } from '../../../core/random.ts';
import type { Informer, InformerChange, KubeObject, Resource, StageClient } from '../../client/types.ts';
import type { DaemonSet, Deployment, Node, Pod, ReplicaSet, Service } from './kinds.ts';

interface Change<T extends KubeObject> extends InformerChange {
  readonly object: T;
  readonly before: T | undefined;
}

/** The one copy of a resource that all controllers share. */
export interface Cache<T extends KubeObject> {
  readonly resource: Resource;
  readonly objects: ReadonlyMap<string, T>;
  /** Listeners are told everything, also the first list, when they subscribe before `start`. */
  subscribe(listener: (change: Change<T>) => void): void;
}

export interface Caches {
  readonly pods: Cache<Pod>;
  readonly nodes: Cache<Node>;
  readonly namespaces: Cache<KubeObject>;
  readonly services: Cache<Service>;
  readonly endpoints: Cache<KubeObject>;
  readonly endpointSlices: Cache<KubeObject>;
  readonly deployments: Cache<Deployment>;
  readonly replicaSets: Cache<ReplicaSet>;
  readonly daemonSets: Cache<DaemonSet>;
  readonly serviceAccounts: Cache<KubeObject>;
  /** Only those named kube-root-ca.crt. */
  readonly rootCas: Cache<KubeObject>;
  readonly all: readonly Cache<KubeObject>[];
  /** Begins to LIST and WATCH; resolves when every copy is there, rejects when stopped before. */
  start(): Promise<void>;
  stop(): void;
}

export interface CachesOptions {
  readonly client: StageClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly onError: (what: string, problem: unknown) => void;
}

/** Nothing is asked before `start`. */
export function openCaches(options: CachesOptions): Caches {
  const opened: OpenedCache[] = [];
  const open = <T extends KubeObject = KubeObject>(resource: Resource, fieldSelector?: string): Cache<T> => {
    const cache = new OpenedCache(resource, fieldSelector);
    opened.push(cache);
    return cache as unknown as Cache<T>;
  };
  return {
    pods: open<Pod>(resources.pods),
    nodes: open<Node>(resources.nodes),
    namespaces: open(resources.namespaces),
    services: open<Service>(resources.services),
    endpoints: open(resources.endpoints),
    endpointSlices: open(resources.endpointSlices),
    deployments: open<Deployment>(resources.deployments),
    replicaSets: open<ReplicaSet>(resources.replicaSets),
    daemonSets: open<DaemonSet>(resources.daemonSets),
    serviceAccounts: open(resources.serviceAccounts),
    rootCas: open(resources.configMaps, 'metadata.name=kube-root-ca.crt'),
    all: opened,
    start: async () => {
      await Promise.all(opened.map(async (cache) => await cache.start(options)));
    },
    stop: () => {
      for (const cache of opened) cache.stop();
    },
  };
}

class OpenedCache implements Cache<KubeObject> {
  readonly resource: Resource;
  objects: ReadonlyMap<string, KubeObject> = new Map();
  readonly #fieldSelector: string | undefined;
  readonly #listeners: ((change: Change<KubeObject>) => void)[] = [];
  #informer: Informer | undefined;

  constructor(resource: Resource, fieldSelector: string | undefined) {
    this.resource = resource;
    this.#fieldSelector = fieldSelector;
  }

  subscribe(listener: (change: Change<KubeObject>) => void): void {
    this.#listeners.push(listener);
  }

  start({ client, clock, random, onError }: CachesOptions): Promise<void> {
    this.#informer = informer(client, this.resource, {
      clock,
      random,
      ...(this.#fieldSelector !== undefined && { fieldSelector: this.#fieldSelector }),
      onChange: (change) => {
        for (const listener of this.#listeners) listener(change);
      },
      onError: (problem) => onError(`informer ${this.resource.plural}`, problem),
    });
    this.objects = this.#informer.objects;
    return this.#informer.synced;
  }

  stop(): void {
    this.#informer?.stop();
  }
}

/** The objects of one namespace. */
export function inNamespace<T extends KubeObject>(cache: Cache<T>, namespace: string | undefined): T[] {
  return [...cache.objects.values()].filter(({ metadata }) => metadata.namespace === namespace);
}
