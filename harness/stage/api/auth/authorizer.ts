import type { KubeObject } from '../../client/types.ts';
import { listAt, textAt, textsAt } from '../json.ts';
import type { Attributes, RequestInfo } from '../request/request-info.ts';
import { storageKey } from '../resources.ts';
import { detailsOf, forbidden, type ApiStatus } from '../status.ts';
import type { User } from './authenticate.ts';

export const policyKinds = ['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'] as const;

/** All objects that say who may do what. */
export type Policy = Readonly<Record<(typeof policyKinds)[number], readonly KubeObject[]>>;

type RuleField = 'verbs' | 'apiGroups' | 'resources' | 'resourceNames' | 'nonResourceURLs';

type PolicyRule = Readonly<Record<RuleField, readonly string[]>>;

/** What a binding gives to a subject. */
interface Grant {
  /** Where it counts; '' is everywhere. */
  readonly namespace: string;
  readonly rules: readonly PolicyRule[];
}

/** What a request is about, for those who decide whether it may be. */
type Asked = Omit<Attributes, 'version'>;

/** RBAC: who may do what, as roles and their bindings say at this moment. */
export class Authorizer {
  readonly #source: () => Policy;
  #read: Policy | undefined;
  /** By subject, as `subjectsOf` names them: the policy is looked through only when it has changed. */
  #grants: ReadonlyMap<string, readonly Grant[]> = new Map();

  /** @param source is read at every request, so it must be quick: the same arrays as long as no object changed. */
  constructor(source: () => Policy) {
    this.#source = source;
  }

  allows(user: User, asked: Asked): boolean {
    if (user.groups.includes('system:masters')) return true;
    return this.#grantsOf(user, asked.namespace).some(({ rules }) => rules.some((rule) => permits(rule, asked)));
  }

  /** Everything that somebody may do in a namespace. */
  rulesOf(user: User, namespace: string): readonly PolicyRule[] {
    return this.#grantsOf(user, namespace).flatMap(({ rules }) => rules);
  }

  #grantsOf(user: User, here: string): readonly Grant[] {
    const policy = this.#source();
    if (policyKinds.some((kind) => this.#read?.[kind] !== policy[kind])) this.#grants = grantsBySubject(policy);
    this.#read = policy;
    const all = subjectsOf(user).flatMap((subject) => this.#grants.get(subject) ?? []);
    return all.filter(({ namespace }) => namespace === '' || namespace === here);
  }
}

function subjectsOf({ name, groups }: User): string[] {
  return [`User ${name}`, ...groups.map((group) => `Group ${group}`)];
}

function grantsBySubject({ clusterroles, roles, clusterrolebindings, rolebindings }: Policy) {
  const rules = new Map(
    [...clusterroles, ...roles].map((role) => {
      const { namespace = '', name } = role.metadata;
      return [roleKey(role.kind, namespace, name), listAt(role, 'rules').map(ruleOf)];
    }),
  );
  const grants = new Map<string, Grant[]>();
  for (const binding of [...clusterrolebindings, ...rolebindings]) {
    const { namespace = '' } = binding.metadata;
    const role = roleKey(textAt(binding, 'roleRef.kind'), namespace, textAt(binding, 'roleRef.name'));
    const grant = { namespace, rules: rules.get(role) ?? [] };
    for (const subject of listAt(binding, 'subjects')) {
      const key = subjectKey(subject, namespace);
      grants.set(key, [...(grants.get(key) ?? []), grant]);
    }
  }
  return grants;
}

function roleKey(kind: string, namespace: string, name: string): string {
  return kind === 'ClusterRole' ? `ClusterRole ${name}` : `${kind} ${namespace}/${name}`;
}

function ruleOf(rule: unknown): PolicyRule {
  const read = (field: RuleField): string[] => textsAt(rule, field);
  return {
    verbs: read('verbs'),
    apiGroups: read('apiGroups'),
    resources: read('resources'),
    resourceNames: read('resourceNames'),
    nonResourceURLs: read('nonResourceURLs'),
  };
}

function subjectKey(subject: unknown, bindingNamespace: string): string {
  const name = textAt(subject, 'name');
  const kind = textAt(subject, 'kind');
  if (kind !== 'ServiceAccount') return `${kind} ${name}`;
  return `User system:serviceaccount:${textAt(subject, 'namespace') || bindingNamespace}:${name}`;
}

function permits(rule: PolicyRule, { verb, path, apiGroup, resource, subresource, name }: Asked): boolean {
  if (!isAmong(rule.verbs, verb)) return false;
  if (resource === '') {
    const isUnder = (url: string): boolean => url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1)));
    return rule.nonResourceURLs.some(isUnder);
  }
  const isOfKind =
    subresource === ''
      ? isAmong(rule.resources, resource)
      : isAmong(rule.resources, `${resource}/${subresource}`) || rule.resources.includes(`*/${subresource}`);
  const isNamed = rule.resourceNames.length === 0 || rule.resourceNames.includes(name);
  return isOfKind && isNamed && isAmong(rule.apiGroups, apiGroup);
}

function isAmong(list: readonly string[], value: string): boolean {
  return list.includes('*') || list.includes(value);
}

/** As the real server sees a request: a namespace is inside itself, and who lists one name asks for that object. */
export function askedBy({ query, ...info }: RequestInfo): Attributes {
  if (info.resource === 'namespaces') return { ...info, namespace: info.name };
  if (info.verb !== 'list' && info.verb !== 'watch') return info;
  const [, name = ''] = /(?:^|,)metadata\.name==?([^,=]+)/.exec(query.get('fieldSelector') ?? '') ?? [];
  return { ...info, name };
}

/** The 403 that says who may not do what. */
export function denied(user: User, attributes: Attributes): ApiStatus {
  const { verb, path, apiGroup, resource, subresource, namespace, name } = attributes;
  const who = `User "${user.name}" cannot ${verb}`;
  if (resource === '') return forbidden(`forbidden: ${who} path "${path}"`);
  const kind = { group: apiGroup, plural: resource };
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const subject = storageKey(kind) + (name && ` "${name}"`);
  const message = `${subject} is forbidden: ${who} resource "${what}" in API group "${apiGroup}" ${where}`;
  return forbidden(message, detailsOf(kind, name));
}
