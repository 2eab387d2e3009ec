import type { KubeObject } from '../../client/types.ts';
import { isObject } from '../kinds/shape.ts';
import { storageKey, type ResourceType } from '../resources.ts';
import { badRequest } from '../status.ts';
import type { Matcher } from './label-selector.ts';

/** What may be selected besides `metadata.name` and `metadata.namespace`, by storage key. */
const selectable: Readonly<Record<string, readonly string[]>> = {
  pods: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  nodes: ['spec.unschedulable'],
  namespaces: ['status.phase'],
  services: ['spec.clusterIP', 'spec.type'],
  secrets: ['type'],
  'replicasets.apps': ['status.replicas'],
  events: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
};

const requirement = /^([\w.]+)(==|=|!=)(.*)$/;

/** Reads `spec.nodeName=a,status.phase!=Running`. Undefined when everything matches; throws 400. */
export function parseFieldSelector(type: ResourceType, text: string): Matcher<KubeObject> | undefined {
  if (text.trim() === '') return undefined;
  const allowed = ['metadata.name', 'metadata.namespace', ...(selectable[storageKey(type)] ?? [])];
  const matchers = text.split(',').map((part): Matcher<KubeObject> => {
    const [, field = '', operator, value = ''] = requirement.exec(part.trim()) ?? [];
    if (operator === undefined) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    if (!allowed.includes(field)) throw badRequest(`field label not supported: ${field}`);
    return (object) => (fieldOf(object, field) === value) === (operator !== '!=');
  });
  return (object) => matchers.every((matches) => matches(object));
}

/** What is not there reads as an empty text, as in Kubernetes; booleans as `false`. */
function fieldOf(object: KubeObject, path: string): string {
  if (path === 'source') return fieldOf(object, 'source.component');
  let value: unknown = object;
  for (const step of path.split('.')) value = isObject(value) ? value[step] : undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return path === 'spec.unschedulable' || path === 'spec.hostNetwork' ? 'false' : '';
}
