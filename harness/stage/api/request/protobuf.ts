/**
 * Reads the protobuf bodies that kubectl sends: from 1.33 on its typed clients send nothing else for built-in kinds.
 * Only what kubectl creates is in the table; everything else is refused with 415. Answers are always JSON.
 * Field numbers are those of the generated.proto files of k8s.io/api and k8s.io/apimachinery.
 */
import type { JsonMap } from '../json.ts';
import { badRequest, unsupportedMediaType } from '../status.ts';

/**
 * `number name type, …`; a type that is left out is a string. `[x]` is a list, `{x}` a map by name. With `?` a zero was
 * written on purpose; without, it means absent, as in Go's JSON.
 */
const messages: Readonly<Record<string, string>> = {
  Namespace: '1 metadata ObjectMeta',
  ConfigMap: '1 metadata ObjectMeta, 2 data {string}, 3 binaryData {bytes}',
  Secret: '1 metadata ObjectMeta, 2 data {bytes}, 3 type, 4 stringData {string}',
  ServiceAccount: '1 metadata ObjectMeta',
  Service: '1 metadata ObjectMeta, 2 spec ServiceSpec',
  ServiceSpec: '1 ports [ServicePort], 2 selector {string}, 3 clusterIP, 4 type, 7 sessionAffinity, 10 externalName',
  ServicePort: '1 name, 2 protocol, 3 port int, 4 targetPort IntOrString',
  Deployment: '1 metadata ObjectMeta, 2 spec DeploymentSpec',
  DeploymentSpec: '1 replicas int?, 2 selector LabelSelector, 3 template PodTemplateSpec',
  LabelSelector: '1 matchLabels {string}',
  PodTemplateSpec: '1 metadata ObjectMeta, 2 spec PodSpec',
  PodSpec: '2 containers [Container]',
  Container: '1 name, 2 image, 3 command [string], 4 args [string], 6 ports [ContainerPort]',
  ContainerPort: '1 name, 3 containerPort int, 4 protocol',
  SelfSubjectReview: '1 metadata ObjectMeta',
  SelfSubjectAccessReview: '1 metadata ObjectMeta, 2 spec AccessSpec',
  AccessSpec: '1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes',
  ResourceAttributes: '1 namespace, 2 verb, 3 group, 4 version, 5 resource, 6 subresource, 7 name',
  NonResourceAttributes: '1 path, 2 verb',
  SelfSubjectRulesReview: '1 metadata ObjectMeta, 2 spec RulesSpec',
  RulesSpec: '1 namespace',
  TokenRequest: '1 metadata ObjectMeta, 2 spec TokenSpec',
  TokenSpec: '1 audiences [string], 4 expirationSeconds int?',
  Role: '1 metadata ObjectMeta, 2 rules [PolicyRule]',
  ClusterRole: '1 metadata ObjectMeta, 2 rules [PolicyRule]',
  PolicyRule:
    '1 verbs [string], 2 apiGroups [string], 3 resources [string], 4 resourceNames [string], 5 nonResourceURLs [string]',
  RoleBinding: '1 metadata ObjectMeta, 2 subjects [Subject], 3 roleRef RoleRef',
  ClusterRoleBinding: '1 metadata ObjectMeta, 2 subjects [Subject], 3 roleRef RoleRef',
  Subject: '1 kind, 2 apiGroup, 3 name, 4 namespace',
  RoleRef: '1 apiGroup, 2 kind, 3 name',
  ObjectMeta: '1 name, 2 generateName, 3 namespace, 11 labels {string}, 12 annotations {string}',
};

export const protobufType = 'application/vnd.kubernetes.protobuf';
const magic = 'k8s\0';
const malformed = (): Error => badRequest('the body of the request is not Kubernetes protobuf');
const refused = (): Error => unsupportedMediaType(['application/json']);

/** Numbers are numbers; texts, messages and so on are bytes. */
type Wire = number | Buffer;

/** The object that a body carries. Throws 400 for what is no protobuf, 415 for what is not in the table. */
export function decodeProtobuf(body: Buffer): JsonMap {
  if (body.toString('latin1', 0, magic.length) !== magic) throw malformed();
  const envelope = new Map(readFields(body.subarray(magic.length)));
  const typeMeta = new Map(readFields(bytesOf(envelope.get(1))));
  const apiVersion = bytesOf(typeMeta.get(1)).toString('utf8');
  const kind = bytesOf(typeMeta.get(2)).toString('utf8');
  const isWhole = Object.hasOwn(messages, kind) && messages[kind]?.startsWith('1 metadata ');
  if (!isWhole) throw refused();
  return { apiVersion, kind, ...decodeMessage(kind, bytesOf(envelope.get(2))) };
}

function decodeMessage(message: string, bytes: Buffer): JsonMap {
  const fields = (messages[message] ?? '').split(', ').map((field) => field.split(' '));
  const result: JsonMap = {};
  for (const [number, value] of readFields(bytes)) {
    const [, name = '', type = 'string'] = fields.find(([known]) => known === String(number)) ?? [];
    const inner = type.replace(/[[\]{}?]/g, '');
    const isSet = typeof value === 'number' ? value !== 0 : value.length > 0;
    if (name === '') {
      // Go writes zero values of fields that nobody has set.
      if (!isZero(value)) throw refused();
    } else if (type.startsWith('[')) ((result[name] ??= []) as unknown[]).push(decodeValue(inner, value));
    else if (type.startsWith('{')) Object.assign((result[name] ??= {}), decodeEntry(inner, value));
    else if (type.endsWith('?') || isSet) result[name] = decodeValue(inner, value);
  }
  return result;
}

/** A message whose fields are all zero counts as zero, so its numbers do not matter. */
function isZero(value: Wire): boolean {
  if (typeof value === 'number') return value === 0;
  try {
    return [...readFields(value)].every(([, inner]) => isZero(inner));
  } catch {
    return false;
  }
}

function decodeEntry(type: string, value: Wire): JsonMap {
  const parts = new Map(readFields(bytesOf(value)));
  const key = bytesOf(parts.get(1)).toString('utf8');
  if (key === '__proto__') throw badRequest('a key __proto__ is not allowed');
  return { [key]: decodeValue(type, parts.get(2) ?? Buffer.alloc(0)) };
}

function decodeValue(type: string, value: Wire): unknown {
  if (type === 'int' && typeof value === 'number') return value;
  const bytes = bytesOf(value);
  if (type === 'string') return bytes.toString('utf8');
  if (type === 'bytes') return bytes.toString('base64');
  if (type !== 'IntOrString') return decodeMessage(type, bytes);
  const parts = new Map(readFields(bytes));
  return parts.get(1) === 1 ? bytesOf(parts.get(3)).toString('utf8') : Number(parts.get(2) ?? 0);
}

function bytesOf(value: Wire = Buffer.alloc(0)): Buffer {
  if (typeof value === 'number') throw malformed();
  return value;
}

/** The fields of a message by their numbers, in the order in which they come. */
function* readFields(bytes: Buffer): Generator<[number: number, value: Wire]> {
  let at = 0;
  const readVarint = (): number => {
    let value = 0;
    for (let factor = 1; factor < 2 ** 49; factor *= 128) {
      const byte = bytes[at++] ?? NaN;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw malformed();
  };
  while (at < bytes.length) {
    const tag = readVarint();
    const wire = tag & 7;
    const value = wire === 0 || wire === 2 ? readVarint() : -1;
    const isBytes = wire === 2 && at + value <= bytes.length;
    if (wire !== 0 && !isBytes) throw malformed();
    yield [tag >>> 3, isBytes ? bytes.subarray(at, at + value) : value];
    if (isBytes) at += value;
  }
}
