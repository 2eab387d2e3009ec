import type { Resource } from './types.ts';

const of = (group: string, plural: string, version = 'v1'): Resource => ({ group, version, plural });

/** The resources that parts of the stage ask for. */
export const resources = {
  namespaces: of('', 'namespaces'),
  nodes: of('', 'nodes'),
  pods: of('', 'pods'),
  services: of('', 'services'),
  endpoints: of('', 'endpoints'),
  configMaps: of('', 'configmaps'),
  secrets: of('', 'secrets'),
  serviceAccounts: of('', 'serviceaccounts'),
  events: of('', 'events'),
  deployments: of('apps', 'deployments'),
  replicaSets: of('apps', 'replicasets'),
  daemonSets: of('apps', 'daemonsets'),
  controllerRevisions: of('apps', 'controllerrevisions'),
  endpointSlices: of('discovery.k8s.io', 'endpointslices'),
  clusterRoles: of('rbac.authorization.k8s.io', 'clusterroles'),
  clusterRoleBindings: of('rbac.authorization.k8s.io', 'clusterrolebindings'),
  leases: of('coordination.k8s.io', 'leases'),
  podChaos: of('chaos-mesh.org', 'podchaos', 'v1alpha1'),
} as const;
