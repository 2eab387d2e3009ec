/**
 * How lists and maps of the built-in kinds are merged: one table for strategic merge patch and server-side apply. What is
 * not in it is atomic: replaced and owned as a whole. Source: the list types in the OpenAPI document of Kubernetes 1.34,
 * for the kinds that we serve.
 */
import { splitApiVersion } from '../resources.ts';

const containerLists = ['containers', 'initContainers', 'ephemeralContainers'];

/**
 * The fields that tell the items of a list apart, by `enclosing field/list` (the kind encloses what is at the top). The
 * first one is also the merge key of strategic merge patch, which has no second.
 */
const listMergeKeys: ReadonlyMap<string, readonly string[]> = new Map([
  ...containerLists.flatMap((list): [string, string[]][] => [
    [`spec/${list}`, ['name']],
    [`${list}/env`, ['name']],
    [`${list}/ports`, ['containerPort', 'protocol']],
    [`${list}/volumeMounts`, ['mountPath']],
    [`${list}/volumeDevices`, ['devicePath']],
  ]),
  ['spec/volumes', ['name']],
  ['spec/imagePullSecrets', ['name']],
  ['spec/hostAliases', ['ip']],
  ['spec/schedulingGates', ['name']],
  ['spec/topologySpreadConstraints', ['topologyKey', 'whenUnsatisfiable']],
  ['spec/ports', ['port', 'protocol']],
  ['ServiceAccount/secrets', ['name']],
  ['status/conditions', ['type']],
  ['status/addresses', ['type']],
  ['status/podIPs', ['ip']],
  ['metadata/ownerReferences', ['uid']],
]);

/** The values of keys that may be left out. */
const keyDefaults: Readonly<Record<string, unknown>> = { protocol: 'TCP' };

const sets: ReadonlySet<string> = new Set(['metadata/finalizers', 'spec/podCIDRs']);

/** Maps that are atomic, and lists whose items are. */
const atomicMaps: ReadonlySet<string> = new Set([
  'configMapKeyRef',
  'fieldRef',
  'imagePullSecrets',
  'involvedObject',
  'labelSelector',
  'nodeSelector',
  'ownerReferences',
  'related',
  'requiredDuringSchedulingIgnoredDuringExecution',
  'resourceFieldRef',
  'roleRef',
  'secretKeyRef',
  'secrets',
  'selector',
]);

/** Where a value stands in its object: enough to look up how it is merged. */
export interface Place {
  /** Of a custom resource only the metadata has merged lists: its schema is not looked into. */
  readonly builtIn: boolean;
  readonly parent: string;
  readonly field: string;
}

/** The place of a whole object. The groups of built-in kinds have no dot, or end in `k8s.io`. */
export function rootPlace(apiVersion: string, kind: string): Place {
  const { group } = splitApiVersion(apiVersion);
  return { builtIn: !group.includes('.') || group.endsWith('.k8s.io'), parent: '', field: kind };
}

/** The place of a field inside a map; items of a list have the place of their list. */
export const fieldPlace = (place: Place, field: string): Place => ({
  builtIn: place.builtIn,
  parent: place.field,
  field,
});

/** The keys of a list of maps, or what else the list is. */
export function listKind(place: Place): readonly string[] | 'set' | 'atomic' {
  if (!place.builtIn && place.parent !== 'metadata') return 'atomic';
  const name = `${place.parent}/${place.field}`;
  return sets.has(name) ? 'set' : (listMergeKeys.get(name) ?? 'atomic');
}

export function isAtomicMap(place: Place): boolean {
  return (place.builtIn || place.parent === 'metadata') && place.parent !== '' && atomicMaps.has(place.field);
}

/** The value of one key of an item; undefined when it is missing and has no default. */
export function keyValue(item: unknown, key: string): unknown {
  return (item as Record<string, unknown> | null | undefined)?.[key] ?? keyDefaults[key];
}
