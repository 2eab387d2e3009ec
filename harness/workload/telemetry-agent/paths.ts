import type { AgentConfig, Resource } from './config.ts';

const collections: Readonly<Record<Resource, string>> = {
  pods: '/api/v1/pods',
  nodes: '/api/v1/nodes',
  services: '/api/v1/services',
  endpointslices: '/apis/discovery.k8s.io/v1/endpointslices',
  configmaps: '/api/v1/configmaps',
};

type Call = Pick<AgentConfig, 'mode' | 'resource'>;

/** What the agent of a node lists, in all namespaces and never with a limit. */
export function listPath({ mode, resource }: Call, node: string): string {
  const query = new URLSearchParams();
  // Without a resourceVersion the API server must make sure that it has the newest state; 0 takes any.
  if (!mode.endsWith('-quorum')) query.set('resourceVersion', '0');
  if (isOwnNodeOnly({ mode, resource })) query.set('fieldSelector', `spec.nodeName=${node}`);
  return query.size === 0 ? collections[resource] : `${collections[resource]}?${query.toString()}`;
}

/** What it watches from there on, for so long at most. */
export function watchPath({ mode, resource }: Call, node: string, resourceVersion: string, timeoutS: number): string {
  const query = new URLSearchParams({ watch: '1', allowWatchBookmarks: 'true', resourceVersion });
  query.set('timeoutSeconds', String(timeoutS));
  if (isOwnNodeOnly({ mode, resource })) query.set('fieldSelector', `spec.nodeName=${node}`);
  return `${collections[resource]}?${query.toString()}`;
}

/** A good citizen watches the pods of its own node; other resources do not know a node. */
function isOwnNodeOnly({ mode, resource }: Call): boolean {
  return mode.startsWith('node-list-') || (mode === 'watch' && resource === 'pods');
}

/**
 * The nodes whose agents the program stands for: the own one first, then fake ones. Programs on several workers may
 * stand for the same ones; to the API server that costs the same.
 */
export function impersonatedNodes(ownNode: string, count: number): string[] {
  const fake = Array.from({ length: count - 1 }, (_, index) => `blackstart-fake-${String(index + 1).padStart(4, '0')}`);
  return [ownNode, ...fake];
}
