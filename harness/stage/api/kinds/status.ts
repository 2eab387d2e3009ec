import type { KubeObject } from '../../client/types.ts';
import { storageKey, type ResourceType } from '../resources.ts';
import { specOf, statusOf, type Container, type PodSpec } from './fields.ts';
import { establish } from './definition.ts';

type InitialStatus = (object: KubeObject, now: Date) => object;

const initial: Readonly<Record<string, InitialStatus>> = {
  pods: (pod) => ({ phase: 'Pending', qosClass: qosClass(specOf<PodSpec>(pod)) }),
  namespaces: () => ({ phase: 'Active' }),
  services: () => ({ loadBalancer: {} }),
  // A node agent writes its node with its status.
  nodes: (node) => statusOf(node),
  'deployments.apps': () => ({}),
  'replicasets.apps': () => ({ replicas: 0 }),
  'daemonsets.apps': () => ({
    currentNumberScheduled: 0,
    desiredNumberScheduled: 0,
    numberMisscheduled: 0,
    numberReady: 0,
  }),
  'customresourcedefinitions.apiextensions.k8s.io': establish,
};

/** A new object's status is the server's word, not its author's. */
export function withInitialStatus(type: ResourceType, object: KubeObject, now: Date): KubeObject {
  const make = initial[storageKey(type)];
  if (make) return { ...object, status: make(object, now) };
  if (!type.subresources.includes('status')) return object;
  const { status: _status, ...rest } = object;
  return rest;
}

function qosClass({ containers = [] }: Partial<PodSpec>): string {
  const all = containers.map(resourcesOf);
  if (all.every(({ requests, limits }) => Object.keys({ ...requests, ...limits }).length === 0)) return 'BestEffort';
  const guaranteed = all.every(({ requests, limits }) =>
    ['cpu', 'memory'].every(
      (name) => limits?.[name] !== undefined && (requests?.[name] ?? limits[name]) === limits[name],
    ),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

function resourcesOf(container: Container): Partial<Record<'requests' | 'limits', Record<string, unknown>>> {
  return container['resources'] ?? {};
}
