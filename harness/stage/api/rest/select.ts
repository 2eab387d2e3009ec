/** Which objects of a collection a request is about: its namespace and selectors. */
import type { KubeObject } from '../../client/types.ts';
import { textAt } from '../json.ts';
import { storageKey, type ResourceType } from '../resources.ts';
import { badRequest } from '../status.ts';
import type { ApiRequest } from './api.ts';

export type Matcher<T> = (value: T) => boolean;
type Labels = Readonly<Record<string, string>>;

/** Undefined when all objects are meant. Throws 400 for selectors that make no sense. */
export function parseSelection({ type, info }: Pick<ApiRequest, 'type' | 'info'>): Matcher<KubeObject> | undefined {
  const { namespace, query } = info;
  const byLabels = parseLabelSelector(query.get('labelSelector') ?? '');
  const byFields = parseFieldSelector(type, query.get('fieldSelector') ?? '');
  if (!byLabels && !byFields && namespace === '') return undefined;
  return (object) =>
    (namespace === '' || object.metadata.namespace === namespace) &&
    (byLabels?.(object.metadata.labels ?? {}) ?? true) &&
    (byFields?.(object) ?? true);
}

const word = String.raw`[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?`;
const equals = String.raw`\s*(?<equality>==|=|!=)\s*(?<value>(?:${word})?)`;
const among = String.raw`\s+(?<set>in|notin)\s*\((?<values>[^()]*)\)`;
const labelRequirement = new RegExp(String.raw`^(?<not>!\s*)?(?<label>${word}(?:/${word})?)(?:${equals}|${among})?$`);

/** Reads `a=b,c!=d,e,!f,g in (h,i),j notin (k)`. Undefined when everything matches; throws 400. */
export function parseLabelSelector(text: string): Matcher<Labels> | undefined {
  if (text.trim() === '') return undefined;
  // Commas inside parentheses separate values.
  const matchers = text.split(/,(?![^(]*\))/).map((part) => parseLabelRequirement(part.trim()));
  return (labels) => matchers.every((matches) => matches(labels));
}

function parseLabelRequirement(text: string): Matcher<Labels> {
  const { not, label = '', equality, value, set, values = '' } = labelRequirement.exec(text)?.groups ?? {};
  if (label === '' || (not && (equality || set))) {
    throw badRequest(`unable to parse requirement: ${JSON.stringify(text)} is not a label selector`);
  }
  const valueOf = (labels: Labels): string | undefined => (Object.hasOwn(labels, label) ? labels[label] : undefined);
  if (equality) return (labels) => (valueOf(labels) === value) === (equality !== '!=');
  if (!set) return (labels) => (valueOf(labels) === undefined) === Boolean(not);
  const wanted = new Set<string | undefined>(values.split(',').map((one) => one.trim()));
  // A label that is not there is not in any set.
  return (labels) => wanted.has(valueOf(labels)) === (set === 'in');
}

/** What may be selected besides `metadata.name` and `metadata.namespace`, by storage key. */
const selectable: Readonly<Record<string, readonly string[]>> = {
  pods: ['spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName', 'status.phase'],
  nodes: ['spec.unschedulable'],
  namespaces: ['status.phase'],
  secrets: ['type'],
  events: [
    ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'fieldPath'].map((field) => `involvedObject.${field}`),
    'reason',
    'type',
  ],
};

/** Reads `spec.nodeName=a,status.phase!=Running`. Undefined when everything matches; throws 400. */
export function parseFieldSelector(type: ResourceType, text: string): Matcher<KubeObject> | undefined {
  if (text.trim() === '') return undefined;
  const allowed = ['metadata.name', 'metadata.namespace', ...(selectable[storageKey(type)] ?? [])];
  const matchers = text.split(',').map((part): Matcher<KubeObject> => {
    const [, field = '', operator, value = ''] = /^([\w.]+)(==|=|!=)(.*)$/.exec(part.trim()) ?? [];
    if (operator === undefined) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    if (!allowed.includes(field)) throw badRequest(`field label not supported: ${field}`);
    // What is not there reads as an empty text, as in Kubernetes; booleans as `false`.
    const absent = field === 'spec.unschedulable' ? 'false' : '';
    return (object) => ((textAt(object, field) || absent) === value) === (operator !== '!=');
  });
  return (object) => matchers.every((matches) => matches(object));
}
