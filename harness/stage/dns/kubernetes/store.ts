import { informer } from '../../client/informer.ts';
import { resources } from '../../client/resources.ts';
import type { InformerOptions, KubeObject, StageClient } from '../../client/types.ts';
import { indexObjects, type ClusterIndex } from './cluster-index.ts';

/** What the kubernetes plugin knows of the cluster. */
export interface ClusterStore {
  /** True for ever once all lists have been there. What is known is answered before that too. */
  hasSynced(): boolean;
  namespaceExists(name: string): boolean;
  readonly index: ClusterIndex;
  /** When a service or an endpoint changed last, in seconds since 1970; 0: never. */
  readonly modifiedS: number;
  stop(): void;
}

/** A store that follows the API for as long as it runs, and keeps what it has while the API is away. */
export function openClusterStore(client: StageClient, now: () => Date): ClusterStore {
  let index: ClusterIndex | undefined;
  let modifiedS = 0;
  const changed: InformerOptions = {
    onChange: () => {
      index = undefined;
      modifiedS = Math.floor(now().getTime() / 1_000);
    },
  };
  const namespaces = informer(client, resources.namespaces);
  const services = informer(client, resources.services, changed);
  const endpointSlices = informer(client, resources.endpointSlices, changed);
  const all = [namespaces, services, endpointSlices];
  return {
    hasSynced: () => all.every((one) => one.hasSynced()),
    namespaceExists: (name) => namespaces.objects.has(name),
    get index() {
      index ??= indexObjects(values(services.objects), values(endpointSlices.objects));
      return index;
    },
    get modifiedS() {
      return modifiedS;
    },
    stop: () => {
      for (const one of all) one.stop();
      client.close();
    },
  };
}

function values(objects: ReadonlyMap<string, KubeObject>): KubeObject[] {
  return [...objects.values()];
}
