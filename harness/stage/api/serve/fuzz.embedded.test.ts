/** Requests to throw at the API server: most are right but for one thing. */
import * as fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { configMap, deployment, pod } from '../testing/objects.ts';
import { startTestApi } from '../testing/test-api.ts';

const names = ['a', 'b', 'c'];
const ns = '/api/v1/namespaces/default';
const named = (apiVersion: string, kind: string, fields: object): object => ({
  apiVersion,
  kind,
  metadata: { name: 'a' },
  ...fields,
});
/** Where objects are made, and one that can be made there. */
const collections: readonly (readonly [path: string, object: object])[] = [
  [`${ns}/configmaps`, configMap('a', { a: 'b' })],
  [`${ns}/secrets`, named('v1', 'Secret', { stringData: { a: 'b' } })],
  [`${ns}/pods`, pod('a', { metadata: { finalizers: ['x/y'], labels: { a: 'b' } } })],
  [`${ns}/pods`, pod('b', { spec: { nodeName: 'n', hostNetwork: true, tolerations: [{ operator: 'Exists' }] } })],
  [
    `${ns}/services`,
    named('v1', 'Service', { spec: { selector: { a: 'b' }, ports: [{ port: 80, targetPort: 'http' }] } }),
  ],
  [
    `${ns}/endpoints`,
    named('v1', 'Endpoints', { subsets: [{ addresses: [{ ip: '127.0.0.1' }], ports: [{ port: 80 }] }] }),
  ],
  [
    `${ns}/events`,
    named('v1', 'Event', { involvedObject: { kind: 'Pod', name: 'a' }, reason: 'Because', type: 'Normal' }),
  ],
  [`${ns}/serviceaccounts`, named('v1', 'ServiceAccount', {})],
  ['/api/v1/namespaces', named('v1', 'Namespace', {})],
  [
    '/api/v1/nodes',
    named('v1', 'Node', { status: { conditions: [{ type: 'Ready', status: 'True' }], addresses: [] } }),
  ],
  ['/apis/apps/v1/namespaces/default/deployments', deployment('a')],
  ['/apis/apps/v1/namespaces/default/replicasets', { ...deployment('a'), kind: 'ReplicaSet' }],
  ['/apis/apps/v1/namespaces/default/daemonsets', { ...deployment('a'), kind: 'DaemonSet' }],
  [
    '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
    named('discovery.k8s.io/v1', 'EndpointSlice', { addressType: 'IPv4', endpoints: [{ addresses: ['127.0.0.1'] }] }),
  ],
  [
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    {
      ...named('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {
        spec: {
          group: 'x.y',
          scope: 'Cluster',
          names: { plural: 'a', kind: 'A' },
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              additionalPrinterColumns: [{ name: 'N', type: 'string', jsonPath: '.x' }],
            },
          ],
        },
      }),
      metadata: { name: 'a.x.y' },
    },
  ],
  ['/apis/x.y/v1/a', named('x.y/v1', 'A', { x: 5, spec: {} })],
  [
    '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas',
    named('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', {
      spec: {
        priorityLevelConfiguration: { name: 'a' },
        matchingPrecedence: 1,
        distinguisherMethod: { type: 'ByUser' },
        rules: [
          {
            subjects: [{ kind: 'User', user: { name: '*' } }],
            resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
          },
        ],
      },
    }),
  ],
  [
    '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations',
    named('flowcontrol.apiserver.k8s.io/v1', 'PriorityLevelConfiguration', {
      spec: { type: 'Limited', limited: { nominalConcurrencyShares: 100, limitResponse: { type: 'Reject' } } },
    }),
  ],
  [
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    { spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } },
  ],
];

const words = (text: string): string[] => text.trim().split(/\s+/);

const oddPath = fc.constantFrom(
  ...words(`
  / /readyz /livez/etcd /version /metrics /openapi/v2 /openapi/v3 /openapi/v3/api/v1 /api /apis
  /api/v1 /apis/apps /apis/none/v1 /nonsense ${ns}/nonsense ${ns}/../x ${ns}/%2e%2e/x ${ns}/a%2fb
  ${ns}/configmaps/%zz ${ns}/configmaps/%00 ${ns}/configmaps/${'x'.repeat(300)} ${ns}/pods/a/exec
  /api/v1/pods /api/v1/namespaces/nowhere/configmaps ${ns}/constructor
  ${ns}/configmaps/constructor ${ns}/nodes // /api//v1
`),
);
const subresource = fc.oneof(
  { weight: 5, arbitrary: fc.constant('') },
  {
    weight: 8,
    arbitrary: fc.constantFrom(...words('/status /status /scale /binding /eviction /token /finalize /log')),
  },
);
const query = fc.array(
  fc.constantFrom(
    ...words(`
    limit=1 limit=-1 limit=x continue=x continue=eyJydiI6MSwic3RhcnQiOiJhXHUwMDAwIn0 resourceVersion=0
    resourceVersion=1 resourceVersion=99999999 resourceVersion=x resourceVersionMatch=Exact dryRun=All dryRun=x
    labelSelector=a%20in%20(b) labelSelector=(( fieldSelector=metadata.name%3Da fieldSelector=x%3D%3D
    fieldManager=f force=true propagationPolicy=Orphan gracePeriodSeconds=0 gracePeriodSeconds=x
    sendInitialEvents=true watch=true&timeoutSeconds=1 includeObject=Object pretty % =&= verbose
  `),
  ),
  { maxLength: 1 },
);
/** Patches, options, reviews, and what is nothing at all. */
const others = fc.oneof(
  fc.constantFrom<unknown>(
    [{ op: 'add', path: '/metadata/labels', value: { a: 'b' } }],
    [{ op: 'move', from: '/spec', path: '/metadata/labels' }],
    { spec: { replicas: 3 } },
    { metadata: { finalizers: ['a/b'] } },
    { metadata: { labels: null, ownerReferences: [{}] } },
    { spec: { template: { spec: { containers: [{ name: 'main', $patch: 'delete' }] } } } },
    { target: { name: 'n' } },
    { deleteOptions: { gracePeriodSeconds: 0 } },
    { propagationPolicy: 'Foreground', preconditions: { uid: 'x' } },
    { spec: { audiences: [5] } },
  ),
  fc.jsonValue({ maxDepth: 4 }),
);

/** Puts something else somewhere into an object. */
function spoil(value: unknown, where: readonly number[], what: unknown): unknown {
  const [step, ...rest] = where;
  if (step === undefined || typeof value !== 'object' || value === null) return what;
  const keys = Object.keys(value);
  const key = keys[step % Math.max(1, keys.length)];
  if (key === undefined) return what;
  const spoiled = spoil((value as Record<string, unknown>)[key], rest, what);
  return Array.isArray(value) ? value.with(Number(key), spoiled) : { ...value, [key]: spoiled };
}

/** The object itself, the object with something wrong in it, or something else altogether. */
function bodyFor(object: object): fc.Arbitrary<string> {
  const what = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant(null), fc.constantFrom(...names));
  const spoiled = fc
    .tuple(fc.array(fc.nat(5), { minLength: 1, maxLength: 6 }), what)
    .map(([where, value]) => spoil(object, where, value));
  const whole = fc
    .constantFrom(...names)
    .map((name) => ({ ...object, metadata: { ...(object as { metadata?: object }).metadata, name } }));
  const value = fc.oneof(
    { weight: 3, arbitrary: whole },
    { weight: 4, arbitrary: spoiled },
    { weight: 2, arbitrary: others },
  );
  const text = fc.constantFrom('', '{', '[[[[', 'k8s\0\n\u0004\n\u0002v1');
  return fc.oneof({ weight: 20, arbitrary: value.map((one) => JSON.stringify(one)) }, { weight: 1, arbitrary: text });
}

const patchType = fc.constantFrom(
  ...words(`
  application/merge-patch+json application/json-patch+json application/strategic-merge-patch+json
  application/apply-patch+yaml
`),
);
const anyType = fc.oneof(
  patchType,
  fc.constantFrom('application/vnd.kubernetes.protobuf', 'text/plain', 'application/json'),
);
const accept = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      'application/json',
      '*/*',
      'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('text/html', ';;,', 'application/json;as=Nothing') },
);

const json = fc.constant('application/json');
const methods = fc.constantFrom('GET', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS');

/** Most requests are for what is there, in the right way but for one thing. */
const fuzzRequest = fc.constantFrom(...collections).chain(([collection, object]) => {
  const whole = fc.constant(collection);
  const one = fc
    .tuple(fc.constantFrom(...names, 'a.x.y'), subresource)
    .map(([name, sub]) => `${collection}/${name}${sub}`);
  const common = { query, body: bodyFor(object), accept };
  const create = fc.record({ ...common, method: fc.constant('POST'), path: whole, type: json });
  const read = fc.record({ ...common, method: fc.constant('GET'), path: whole, type: json });
  const empty = fc.record({ ...common, method: fc.constant('DELETE'), path: whole, type: json, body: fc.constant('') });
  const act = fc.record({ ...common, method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'), path: one, type: json });
  const patch = fc.record({ ...common, method: fc.constant('PATCH'), path: one, type: patchType });
  const odd = fc.record({ ...common, method: methods, path: fc.oneof(oddPath, one), type: anyType });
  return fc.oneof(
    { weight: 6, arbitrary: create },
    { weight: 3, arbitrary: read },
    { weight: 1, arbitrary: empty },
    { weight: 5, arbitrary: act },
    { weight: 3, arbitrary: patch },
    { weight: 2, arbitrary: odd },
  );
});

const requests = 10_000;
const parallel = 20;

test(`${requests} requests of all kinds get the answer of a server that is well`, async () => {
  const api = await startTestApi();
  onTestFinished(async () => await api.end());
  const problems: string[] = [];
  const queue = fc.sample(fuzzRequest, { numRuns: requests, seed: 20_241_211 });
  const counts = new Map<number, number>();
  const work = async (): Promise<void> => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      const url = `${next.path}?${next.query.join('&')}`;
      const headers = { 'content-type': next.type, accept: next.accept };
      const hasBody = !['GET', 'HEAD', 'OPTIONS'].includes(next.method);
      const { status, object, text } = await api.call(next.method, url, {
        headers,
        ...(hasBody && { body: next.body }),
      });
      counts.set(status, (counts.get(status) ?? 0) + 1);
      // Logs are the only thing that can fail for want of somebody else.
      const isInternal = status >= 500 && status !== 504 && !next.path.endsWith('/log');
      const isStatus = next.method === 'HEAD' || object.kind === 'Status' || text.includes('page not found');
      if (isInternal || (status >= 400 && !isStatus)) problems.push(`${JSON.stringify(next)}\n  → ${status} ${text}`);
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  expect(problems).toEqual([]);
  // Requests that are all refused at the door would prove little.
  for (const status of [200, 201, 400, 404, 409, 415, 422]) expect(counts.get(status), `${status}`).toBeGreaterThan(50);
  expect((await api.call('GET', '/readyz')).text).toBe('ok');
  expect(
    (
      await api.call('POST', '/api/v1/namespaces/kube-system/configmaps', {
        body: configMap('after', {}, 'kube-system'),
      })
    ).status,
  ).toBe(201);
}, 60_000);
