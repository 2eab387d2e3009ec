/** Reads FlowSchemas. Users may have written them: what is missing or of the wrong type matches nothing. */
import type { KubeObject } from '../../client/types.ts';
import { at, listAt, textAt } from '../json.ts';
import type { FlowRequest } from './types.ts';

/** Lower precedence first, then by name. */
export function bySchemaOrder(a: KubeObject, b: KubeObject): number {
  return precedenceOf(a) - precedenceOf(b) || (a.metadata.name < b.metadata.name ? -1 : 1);
}

/** 1000 is what the real server fills in. */
function precedenceOf({ spec }: KubeObject): number {
  const given = at(spec, 'matchingPrecedence');
  return typeof given === 'number' ? given : 1_000;
}

/** What tells flows of a schema apart: '' when they are all one. */
export function distinguish({ spec }: KubeObject, { user, namespace }: FlowRequest): string {
  const method = textAt(spec, 'distinguisherMethod.type');
  return method === 'ByUser' ? user : method === 'ByNamespace' ? namespace : '';
}

export function matchesSchema({ spec }: KubeObject, request: FlowRequest): boolean {
  const [rules, isAbout] =
    request.resource === '' ? (['nonResourceRules', isPath] as const) : (['resourceRules', isResource] as const);
  return listAt(spec, 'rules').some(
    (rule) =>
      listAt(rule, 'subjects').some((subject) => isSubject(subject, request)) &&
      listAt(rule, rules).some((one) => isAbout(one, request)),
  );
}

function isSubject(subject: unknown, { user, groups }: FlowRequest): boolean {
  switch (textAt(subject, 'kind')) {
    case 'Group':
      return [...groups, '*'].includes(textAt(subject, 'group.name'));
    case 'User':
      return [user, '*'].includes(textAt(subject, 'user.name'));
    case 'ServiceAccount': {
      const name = textAt(subject, 'serviceAccount.name');
      const prefix = `system:serviceaccount:${textAt(subject, 'serviceAccount.namespace')}:`;
      return name === '*' ? user.startsWith(prefix) : user === prefix + name;
    }
    default:
      return false;
  }
}

function isResource(rule: unknown, { verb, apiGroup, resource, subresource, namespace }: FlowRequest): boolean {
  return (
    isAmong(rule, 'verbs', verb) &&
    isAmong(rule, 'apiGroups', apiGroup) &&
    isAmong(rule, 'resources', subresource ? `${resource}/${subresource}` : resource) &&
    // Cluster scope is also a LIST over all namespaces.
    (namespace === '' ? at(rule, 'clusterScope') === true : isAmong(rule, 'namespaces', namespace))
  );
}

function isPath(rule: unknown, { verb, path }: FlowRequest): boolean {
  const isUnder = (url: unknown): boolean =>
    typeof url === 'string' && (url.endsWith('*') ? path.startsWith(url.slice(0, -1)) : path === url);
  return isAmong(rule, 'verbs', verb) && listAt(rule, 'nonResourceURLs').some(isUnder);
}

function isAmong(rule: unknown, field: string, value: string): boolean {
  const list = listAt(rule, field);
  return list.includes('*') || list.includes(value);
}
