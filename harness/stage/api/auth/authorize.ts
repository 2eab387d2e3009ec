import { forbidden, type ApiStatus } from '../status.ts';
import type { User } from './user.ts';

/** What is asked for, as RBAC has it. `resource` is '' for other paths. */
export interface Attributes {
  readonly verb: string;
  readonly path: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

const trustedGroups = ['system:masters', 'kubeadm:cluster-admins', 'system:nodes', 'system:serviceaccounts'];
const trustedUsers = ['system:kube-controller-manager', 'system:kube-scheduler'];
const openPaths = /^\/(?:(?:livez|readyz|healthz)(?:\/|$)|version\/?$)/;
const selfReviews = ['selfsubjectreviews', 'selfsubjectaccessreviews', 'selfsubjectrulesreviews'];
const discovery = /^\/(?:$|api$|apis$|api\/|apis\/|openapi(?:$|\/))/;

/**
 * Who may do what. There is no RBAC: whoever our CA calls an administrator, a node or a component may do everything, and so may
 * service accounts; everybody may look at the health, everybody who is known may ask what is served and what he may do.
 */
export function authorize(user: User, attributes: Attributes): boolean {
  const { path, resource, verb } = attributes;
  if (user.groups.some((group) => trustedGroups.includes(group)) || trustedUsers.includes(user.name)) return true;
  if (resource === '' && openPaths.test(path)) return verb === 'get' || verb === 'head';
  if (!user.groups.includes('system:authenticated')) return false;
  return resource === '' ? discovery.test(path) && verb === 'get' : selfReviews.includes(resource) && verb === 'create';
}

/** The 403 that says who may not do what. */
export function denied(
  user: User,
  { verb, path, group, resource, subresource, namespace, name }: Attributes,
): ApiStatus {
  const who = `User "${user.name}" cannot ${verb}`;
  if (resource === '') return forbidden(`forbidden: ${who} path "${path}"`, {});
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const subject = `${group === '' ? resource : `${resource}.${group}`}${name === '' ? '' : ` "${name}"`}`;
  return forbidden(`${subject} is forbidden: ${who} resource "${what}" in API group "${group}" ${where}`, {
    ...(name !== '' && { name }),
    ...(group !== '' && { group }),
    kind: resource,
  });
}
