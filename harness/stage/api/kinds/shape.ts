/** Which JSON types the fields have that somebody reads. Fields that are not named here may be anything. */
import type { KubeObject } from '../../client/types.ts';
import { storageKey, type ResourceType } from '../resources.ts';
import { badRequest } from '../status.ts';

type Shape =
  | 'string'
  | 'integer'
  | 'boolean'
  | 'object'
  | 'texts'
  | 'port'
  | readonly [Shape]
  | { readonly [field: string]: Shape };

const metadata: Shape = {
  name: 'string',
  generateName: 'string',
  namespace: 'string',
  uid: 'string',
  resourceVersion: 'string',
  generation: 'integer',
  creationTimestamp: 'string',
  deletionTimestamp: 'string',
  deletionGracePeriodSeconds: 'integer',
  labels: 'texts',
  annotations: 'texts',
  finalizers: ['string'],
  ownerReferences: [{ apiVersion: 'string', kind: 'string', name: 'string', uid: 'string', controller: 'boolean' }],
  managedFields: ['object'],
};
const probe: Shape = {
  httpGet: { path: 'string', port: 'port', host: 'string', scheme: 'string', httpHeaders: ['object'] },
  tcpSocket: { port: 'port', host: 'string' },
  exec: { command: ['string'] },
  initialDelaySeconds: 'integer',
  periodSeconds: 'integer',
  timeoutSeconds: 'integer',
  successThreshold: 'integer',
  failureThreshold: 'integer',
};
const container: Shape = {
  name: 'string',
  image: 'string',
  imagePullPolicy: 'string',
  workingDir: 'string',
  command: ['string'],
  args: ['string'],
  env: [{ name: 'string', value: 'string', valueFrom: 'object' }],
  envFrom: ['object'],
  ports: [{ name: 'string', containerPort: 'integer', hostPort: 'integer', protocol: 'string' }],
  volumeMounts: [{ name: 'string', mountPath: 'string', subPath: 'string', readOnly: 'boolean' }],
  resources: { requests: 'object', limits: 'object' },
  livenessProbe: probe,
  readinessProbe: probe,
  startupProbe: probe,
  securityContext: 'object',
  lifecycle: 'object',
};
const podSpec: Shape = {
  containers: [container],
  initContainers: [container],
  volumes: [
    { name: 'string', configMap: 'object', secret: 'object', emptyDir: 'object', projected: { sources: ['object'] } },
  ],
  nodeName: 'string',
  nodeSelector: 'texts',
  affinity: 'object',
  tolerations: [{ key: 'string', operator: 'string', value: 'string', effect: 'string', tolerationSeconds: 'integer' }],
  topologySpreadConstraints: ['object'],
  hostNetwork: 'boolean',
  restartPolicy: 'string',
  dnsPolicy: 'string',
  serviceAccountName: 'string',
  automountServiceAccountToken: 'boolean',
  terminationGracePeriodSeconds: 'integer',
  activeDeadlineSeconds: 'integer',
  priority: 'integer',
  securityContext: 'object',
};
const conditions: Shape = [{ type: 'string', status: 'string' }];
const selector: Shape = {
  matchLabels: 'texts',
  matchExpressions: [{ key: 'string', operator: 'string', values: ['string'] }],
};
const workload: Shape = {
  spec: { replicas: 'integer', minReadySeconds: 'integer', selector, template: { metadata, spec: podSpec } },
  status: { replicas: 'integer', observedGeneration: 'integer', conditions },
};
const subset: Shape = {
  addresses: [{ ip: 'string' }],
  notReadyAddresses: [{ ip: 'string' }],
  ports: [{ port: 'integer' }],
};

/** By storage key. */
const shapes: Readonly<Record<string, Shape>> = {
  pods: {
    spec: podSpec,
    status: {
      phase: 'string',
      podIP: 'string',
      podIPs: ['object'],
      conditions,
      containerStatuses: [{ name: 'string' }],
    },
  },
  'deployments.apps': workload,
  'replicasets.apps': workload,
  'daemonsets.apps': workload,
  services: {
    spec: {
      type: 'string',
      clusterIP: 'string',
      clusterIPs: ['string'],
      selector: 'texts',
      externalName: 'string',
      ports: [{ name: 'string', port: 'integer', targetPort: 'port', protocol: 'string' }],
    },
  },
  endpoints: { subsets: [subset] },
  'endpointslices.discovery.k8s.io': {
    addressType: 'string',
    endpoints: [{ addresses: ['string'], conditions: 'object', targetRef: 'object', nodeName: 'string' }],
    ports: [{ name: 'string', port: 'integer', protocol: 'string' }],
  },
  configmaps: { data: 'texts', binaryData: 'texts' },
  secrets: { data: 'texts', stringData: 'texts', type: 'string' },
  nodes: {
    spec: { taints: [{ key: 'string', value: 'string', effect: 'string' }], unschedulable: 'boolean' },
    status: {
      conditions,
      addresses: [{ type: 'string', address: 'string' }],
      capacity: 'object',
      allocatable: 'object',
    },
  },
  namespaces: { spec: { finalizers: ['string'] }, status: { phase: 'string' } },
  events: {
    involvedObject: 'object',
    source: 'object',
    reason: 'string',
    message: 'string',
    type: 'string',
    count: 'integer',
  },
  'leases.coordination.k8s.io': {
    spec: { holderIdentity: 'string', renewTime: 'string', leaseDurationSeconds: 'integer' },
  },
  'customresourcedefinitions.apiextensions.k8s.io': {
    spec: {
      group: 'string',
      scope: 'string',
      names: { plural: 'string', singular: 'string', kind: 'string', shortNames: ['string'], categories: ['string'] },
      versions: [
        {
          name: 'string',
          served: 'boolean',
          storage: 'boolean',
          subresources: 'object',
          additionalPrinterColumns: [{ name: 'string', type: 'string', jsonPath: 'string', priority: 'integer' }],
        },
      ],
    },
  },
  'flowschemas.flowcontrol.apiserver.k8s.io': {
    spec: {
      priorityLevelConfiguration: { name: 'string' },
      matchingPrecedence: 'integer',
      distinguisherMethod: { type: 'string' },
      rules: [{ subjects: [{ kind: 'string' }], resourceRules: ['object'], nonResourceRules: ['object'] }],
    },
  },
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': {
    spec: { type: 'string', limited: { nominalConcurrencyShares: 'integer', lendablePercent: 'integer' } },
  },
};

/** Throws 400 when a field has another type than everybody expects. */
export function checkShape(type: ResourceType, object: KubeObject): void {
  const own = shapes[storageKey(type)];
  const problem = mismatch({ spec: 'object', status: 'object', ...(own as object), metadata }, object, '');
  if (problem === undefined || (own === undefined && !problem.startsWith('metadata'))) return;
  throw badRequest(
    `${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: json: cannot unmarshal: ${problem}`,
  );
}

function mismatch(shape: Shape, value: unknown, path: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof shape === 'string') return scalarFits(shape, value) ? undefined : `${path} must be ${wording[shape]}`;
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return `${path} must be a list`;
    return first(value.map((item, index) => mismatch(shape[0], item, `${path}[${index}]`)));
  }
  if (!isObject(value)) return `${path} must be an object`;
  const dot = path === '' ? '' : `${path}.`;
  return first(Object.entries(shape).map(([field, inner]) => mismatch(inner, value[field], `${dot}${field}`)));
}

const wording = {
  string: 'a string',
  integer: 'an integer',
  boolean: 'true or false',
  object: 'an object',
  texts: 'an object of strings',
  port: 'a number or a name',
} as const;

function scalarFits(shape: keyof typeof wording, value: unknown): boolean {
  switch (shape) {
    case 'string':
    case 'boolean':
      return typeof value === shape;
    case 'integer':
      return Number.isSafeInteger(value);
    case 'object':
      return isObject(value);
    case 'texts':
      return isObject(value) && Object.values(value).every((text) => typeof text === 'string');
    case 'port':
      return typeof value === 'string' || Number.isSafeInteger(value);
  }
}

function first(problems: readonly (string | undefined)[]): string | undefined {
  return problems.find((problem) => problem !== undefined);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** In Go's JSON null is the same as absent; here it never gets stored. */
export function withoutNulls<T>(value: T): T {
  if (Array.isArray(value)) return value.filter((item) => item !== null).map(withoutNulls) as T;
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutNulls(inner)])) as T;
}
