import type { KubeObject } from '../../client/types.ts';
import type { FlowRequest } from './types.ts';

/** A FlowSchema as it was read, made ready for matching. */
export interface Schema {
  readonly name: string;
  readonly uid: string;
  readonly precedence: number;
  readonly priorityLevel: string;
  readonly matches: (request: FlowRequest) => boolean;
  /** What tells flows of this schema apart: '' when they are all one. */
  readonly distinguish: (request: FlowRequest) => string;
}

type Fields = Record<string, unknown>;
type Test = (request: FlowRequest) => boolean;

/** Reads a FlowSchema that users may have written: what is missing or of the wrong type matches nothing. */
export function readSchema({ metadata, spec }: KubeObject): Schema {
  const { matchingPrecedence, distinguisherMethod, priorityLevelConfiguration, rules } = fields(spec);
  const { name: level } = fields(priorityLevelConfiguration);
  const tests = objects(rules).map(ruleTest);
  return {
    name: metadata.name,
    uid: metadata.uid ?? '',
    // 1000 is what the real server fills in.
    precedence: typeof matchingPrecedence === 'number' ? matchingPrecedence : 1_000,
    priorityLevel: typeof level === 'string' ? level : '',
    matches: (request) => tests.some((test) => test(request)),
    distinguish: distinguisher(fields(distinguisherMethod)['type']),
  };
}

/** Lower precedence first, then by name. */
export function bySchemaOrder(a: Schema, b: Schema): number {
  return a.precedence - b.precedence || (a.name < b.name ? -1 : 1);
}

function distinguisher(type: unknown): (request: FlowRequest) => string {
  if (type === 'ByUser') return (request) => request.user;
  if (type === 'ByNamespace') return (request) => request.namespace;
  return () => '';
}

function ruleTest(rule: Fields): Test {
  const subjects = objects(rule['subjects']).map(subjectTest);
  const resources = objects(rule['resourceRules']).map(resourceTest);
  const paths = objects(rule['nonResourceRules']).map(pathTest);
  return (request) =>
    subjects.some((test) => test(request)) &&
    (request.resource === '' ? paths : resources).some((test) => test(request));
}

function subjectTest(subject: Fields): Test {
  const { kind } = subject;
  if (kind === 'Group') {
    const { name } = fields(subject['group']);
    return ({ groups }) => name === '*' || groups.some((group) => group === name);
  }
  if (kind === 'User') {
    const { name } = fields(subject['user']);
    return ({ user }) => name === '*' || user === name;
  }
  if (kind === 'ServiceAccount') {
    const { namespace, name } = fields(subject['serviceAccount']);
    const prefix = `system:serviceaccount:${String(namespace)}:`;
    return ({ user }) => (name === '*' ? user.startsWith(prefix) : user === `${prefix}${String(name)}`);
  }
  return () => false;
}

function resourceTest(rule: Fields): Test {
  const verb = among(rule['verbs']);
  const group = among(rule['apiGroups']);
  const resource = among(rule['resources']);
  const namespace = among(rule['namespaces']);
  return (request) =>
    verb(request.verb) &&
    group(request.apiGroup) &&
    resource(request.subresource ? `${request.resource}/${request.subresource}` : request.resource) &&
    // Cluster scope is also a LIST over all namespaces.
    (request.namespace === '' ? rule['clusterScope'] === true : namespace(request.namespace));
}

function pathTest(rule: Fields): Test {
  const verb = among(rule['verbs']);
  const urls = strings(rule['nonResourceURLs']);
  return (request) => verb(request.verb) && urls.some((url) => isUnder(request.path, url));
}

function isUnder(path: string, url: string): boolean {
  return url.endsWith('*') ? path.startsWith(url.slice(0, -1)) : path === url;
}

function among(list: unknown): (value: string) => boolean {
  const values = new Set(strings(list));
  return (value) => values.has('*') || values.has(value);
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function objects(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
