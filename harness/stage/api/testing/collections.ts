import { configMap, deployment, pod } from './objects.ts';

export const names = ['a', 'b', 'c'];
export const ns = '/api/v1/namespaces/default';
const named = (apiVersion: string, kind: string, fields: object): object => ({
  apiVersion,
  kind,
  metadata: { name: 'a' },
  ...fields,
});
/** Where objects are made, and one that can be made there. */
export const collections: readonly (readonly [path: string, object: object])[] = [
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
