/**
 * Reads the protobuf bodies that kubectl sends (from 1.33 on its own clients send nothing else for built-in kinds, and do not fall
 * back to JSON). Only what kubectl creates is in the table; everything else is refused with 415. Answers are always JSON.
 * Field numbers are those of the generated.proto files of k8s.io/api and k8s.io/apimachinery.
 */
import { badRequest, unsupportedMediaType } from '../status.ts';

/**
 * `number name type, …`; the type is a string when it is left out. `[x]` is a list, `{x}` a map by name. With `?` a zero was
 * written on purpose; without, it means absent, as in Go's JSON.
 */
const messages: Readonly<Record<string, string>> = {
  Namespace: '1 metadata ObjectMeta',
  ConfigMap: '1 metadata ObjectMeta, 2 data {string}, 3 binaryData {bytes}, 4 immutable bool?',
  Secret: '1 metadata ObjectMeta, 2 data {bytes}, 3 type, 4 stringData {string}, 5 immutable bool?',
  ServiceAccount: '1 metadata ObjectMeta, 4 automountServiceAccountToken bool?',
  Service: '1 metadata ObjectMeta, 2 spec ServiceSpec',
  ServiceSpec: '1 ports [ServicePort], 2 selector {string}, 3 clusterIP, 4 type, 7 sessionAffinity, 10 externalName',
  ServicePort: '1 name, 2 protocol, 3 port int, 4 targetPort IntOrString, 5 nodePort int',
  Deployment: '1 metadata ObjectMeta, 2 spec DeploymentSpec',
  DeploymentSpec: '1 replicas int?, 2 selector LabelSelector, 3 template PodTemplateSpec',
  LabelSelector: '1 matchLabels {string}',
  PodTemplateSpec: '1 metadata ObjectMeta, 2 spec PodSpec',
  PodSpec: '2 containers [Container]',
  Container: '1 name, 2 image, 3 command [string], 4 args [string], 6 ports [ContainerPort]',
  ContainerPort: '1 name, 2 hostPort int, 3 containerPort int, 4 protocol',
  SelfSubjectReview: '1 metadata ObjectMeta',
  SelfSubjectRulesReview: '1 metadata ObjectMeta, 2 spec SelfSubjectRulesReviewSpec',
  SelfSubjectRulesReviewSpec: '1 namespace',
  SelfSubjectAccessReview: '1 metadata ObjectMeta, 2 spec SelfSubjectAccessReviewSpec',
  SelfSubjectAccessReviewSpec: '1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes',
  ResourceAttributes: '1 namespace, 2 verb, 3 group, 4 version, 5 resource, 6 subresource, 7 name',
  NonResourceAttributes: '1 path, 2 verb',
  TokenRequest: '1 metadata ObjectMeta, 2 spec TokenRequestSpec',
  TokenRequestSpec: '1 audiences [string], 3 boundObjectRef BoundObjectReference, 4 expirationSeconds int?',
  BoundObjectReference: '1 kind, 2 apiVersion, 3 name, 4 uid',
  Eviction: '1 metadata ObjectMeta, 2 deleteOptions DeleteOptions',
  DeleteOptions:
    '1 gracePeriodSeconds int?, 2 preconditions Preconditions, 3 orphanDependents bool?, 4 propagationPolicy, 5 dryRun [string]',
  Preconditions: '1 uid, 2 resourceVersion',
  ObjectMeta:
    '1 name, 2 generateName, 3 namespace, 5 uid, 6 resourceVersion, 11 labels {string}, 12 annotations {string}, 14 finalizers [string]',
  Envelope: '1 typeMeta TypeMeta, 2 raw raw',
  TypeMeta: '1 apiVersion, 2 kind',
};

export const protobufType = 'application/vnd.kubernetes.protobuf';
const magic = Buffer.from('k8s\0');

/** The object that a body carries, as JSON would. Throws 400 for what is no protobuf, 415 for what is not in the table. */
export function decodeProtobuf(body: Buffer): Record<string, unknown> {
  if (!body.subarray(0, magic.length).equals(magic))
    throw badRequest('the body of the request is not Kubernetes protobuf');
  const { typeMeta, raw } = decodeMessage('Envelope', body.subarray(magic.length)) as {
    typeMeta?: { apiVersion?: string; kind?: string };
    raw?: Buffer;
  };
  const { apiVersion, kind = '' } = typeMeta ?? {};
  if (!isWhole(kind)) throw refused();
  return { apiVersion, kind, ...decodeMessage(kind, raw ?? Buffer.alloc(0)) };
}

/** True for what can be a body by itself. */
function isWhole(kind: string): boolean {
  return (
    kind === 'DeleteOptions' || (Object.hasOwn(messages, kind) && messages[kind]?.startsWith('1 metadata ') === true)
  );
}

function refused(): Error {
  return unsupportedMediaType(['application/json']);
}

function decodeMessage(message: string, bytes: Buffer): Record<string, unknown> {
  const fields = fieldsOf(message);
  const result: Record<string, unknown> = {};
  for (const { number, value } of readFields(bytes)) {
    const field = fields.get(number);
    if (!field) {
      // Go writes zero values of fields that nobody has set.
      if (value === 0 || (typeof value !== 'number' && isEmpty(value))) continue;
      throw refused();
    }
    const { name, type } = field;
    const [, open, inner = ''] = /^([[{])(\w+)[\]}]$/.exec(type) ?? [];
    if (open === '[') ((result[name] ??= []) as unknown[]).push(decodeValue(inner, value));
    else if (open === '{') Object.assign((result[name] ??= {}), decodeEntry(inner, value));
    else if (type.endsWith('?')) result[name] = decodeValue(type.slice(0, -1), value);
    else if (value !== 0 && !(typeof value !== 'number' && value.length === 0)) result[name] = decodeValue(type, value);
  }
  return result;
}

/** A message whose fields are all zero counts as empty, so its numbers do not matter. */
function isEmpty(bytes: Buffer): boolean {
  if (bytes.length === 0) return true;
  try {
    return [...readFields(bytes)].every(({ value }) => value === 0 || (typeof value !== 'number' && isEmpty(value)));
  } catch {
    return false;
  }
}

function decodeEntry(type: string, value: number | Buffer): Record<string, unknown> {
  let key = '';
  let inner: unknown = type === 'string' || type === 'bytes' ? '' : {};
  for (const part of readFields(asBytes(value))) {
    if (part.number === 1) key = asBytes(part.value).toString('utf8');
    else inner = decodeValue(type, part.value);
  }
  if (key === '__proto__') throw badRequest('a key __proto__ is not allowed');
  return { [key]: inner };
}

function decodeValue(type: string, value: number | Buffer): unknown {
  switch (type) {
    case 'string':
      return asBytes(value).toString('utf8');
    case 'bytes':
      return asBytes(value).toString('base64');
    case 'raw':
      return value;
    case 'int':
    case 'bool':
      if (typeof value !== 'number') throw badRequest('the body of the request is not valid protobuf');
      return type === 'int' ? value : value !== 0;
    case 'IntOrString': {
      const parts = new Map([...readFields(asBytes(value))].map((part) => [part.number, part.value]));
      const text = parts.get(3);
      return parts.get(1) === 1 && text !== undefined ? asBytes(text).toString('utf8') : Number(parts.get(2) ?? 0);
    }
    default:
      return decodeMessage(type, asBytes(value));
  }
}

function asBytes(value: number | Buffer): Buffer {
  if (typeof value === 'number') throw badRequest('the body of the request is not valid protobuf');
  return value;
}

function fieldsOf(message: string): Map<number, { name: string; type: string }> {
  const fields = (messages[message] ?? '').split(', ').map((field) => field.split(' '));
  return new Map(fields.map(([number, name = '', type = 'string']) => [Number(number), { name, type }]));
}

/** The fields of a message in the order in which they come: numbers, or bytes of texts, messages and so on. */
function* readFields(bytes: Buffer): Generator<{ number: number; value: number | Buffer }> {
  let at = 0;
  const readVarint = (): number => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) break;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    throw badRequest('the body of the request is not valid protobuf');
  };
  while (at < bytes.length) {
    const tag = readVarint();
    const number = tag >>> 3;
    const wire = tag & 7;
    if (wire === 0) {
      yield { number, value: readVarint() };
      continue;
    }
    const length = wire === 2 ? readVarint() : -1;
    if (length < 0 || at + length > bytes.length) throw badRequest('the body of the request is not valid protobuf');
    yield { number, value: bytes.subarray(at, at + length) };
    at += length;
  }
}
