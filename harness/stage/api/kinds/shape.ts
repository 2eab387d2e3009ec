/**
 * Which JSON types the fields of built-in kinds have. In Kubernetes a field of one name has one type nearly everywhere,
 * so one table by name serves all kinds. Those that have not (`conditions`, `strategy`, `resources`) are not in it.
 */
import type { KubeObject } from '../../client/types.ts';
import { isMap } from '../json.ts';
import { isBuiltIn, type ResourceType } from '../resources.ts';
import { badRequest } from '../status.ts';

type FieldType = readonly [wording: string, fits: (value: unknown) => boolean, fields: string];

const isText = (value: unknown): boolean => typeof value === 'string';
const isListOf = (fits: (item: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(fits);
/** Their keys are not ours. */
const texts = 'labels annotations matchLabels nodeSelector data stringData';
const opaque = [...texts.split(' '), 'fieldsV1', 'schema'];

const fieldTypes: readonly FieldType[] = [
  [
    'a string',
    isText,
    `name generateName namespace uid resourceVersion creationTimestamp deletionTimestamp apiVersion kind image nodeName
    serviceAccountName restartPolicy dnsPolicy mountPath key operator effect value protocol type clusterIP phase
    podIP ip reason message manager operation time fieldsType subresource scope plural jsonPath`,
  ],
  [
    'an integer',
    Number.isSafeInteger,
    `generation deletionGracePeriodSeconds terminationGracePeriodSeconds tolerationSeconds replicas containerPort
    hostPort`,
  ],
  [
    'true or false',
    (value) => typeof value === 'boolean',
    'controller hostNetwork automountServiceAccountToken readOnly unschedulable',
  ],
  ['an object of strings', (value) => isMap(value) && Object.values(value).every(isText), texts],
  [
    'an object',
    isMap,
    `metadata spec template selector livenessProbe readinessProbe startupProbe httpGet
    valueFrom fieldRef roleRef affinity configMap secret emptyDir projected involvedObject fieldsV1 schema`,
  ],
  [
    'a list of objects',
    isListOf(isMap),
    `ownerReferences managedFields rules subjects containers initContainers volumes volumeMounts env ports tolerations taints
    containerStatuses matchExpressions topologySpreadConstraints subsets endpoints versions additionalPrinterColumns`,
  ],
  [
    'a list of strings',
    isListOf(isText),
    `finalizers command args values shortNames categories clusterIPs verbs apiGroups resourceNames nonResourceURLs`,
  ],
];
const byField = new Map(fieldTypes.flatMap((type) => type[2].split(/\s+/).map((field) => [field, type] as const)));

/**
 * Throws 400 when a field has another type than all expect; of custom kinds, and of a ControllerRevision, whose data can
 * be anything, only the metadata is looked into.
 */
export function checkShape(type: ResourceType, object: KubeObject): void {
  const { metadata, status = {} } = object;
  const isKnown = isBuiltIn(type) && type.kind !== 'ControllerRevision';
  const problem = isMap(status) ? mismatch(isKnown ? object : { metadata }, '') : 'status must be an object';
  if (problem === undefined) return;
  const what = `${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}`;
  throw badRequest(`${what}: json: cannot unmarshal: ${problem}`);
}

/** The first field that does not fit, with its path; undefined when all do. */
function mismatch(value: unknown, path: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const where = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    const [wording, fits] = (Array.isArray(value) ? undefined : byField.get(key)) ?? [];
    if (fits && !fits(inner)) return `${where} must be ${wording}`;
    const problem = opaque.includes(key) ? undefined : mismatch(inner, where);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
