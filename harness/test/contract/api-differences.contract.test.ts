import { describe, expect, inject, test } from 'vitest';
import { configMap, deployment, openScope, pod, type Answer, type ApiScope } from './api-scope.ts';

/** One thing that ours knowingly does in another way. */
interface Difference {
  readonly title: string;
  readonly because: string;
  readonly ask: (api: ApiScope) => Promise<unknown>;
  readonly ours: unknown;
  readonly real: unknown;
}

const codeOf = ({ status, object }: Answer): unknown =>
  object.kind === 'Status' ? [status, object['reason']] : status;

const differences: readonly Difference[] = [
  {
    title: 'a group that nobody serves',
    because: 'the real server says "404 page not found" as plain text; a Status can be read by every client',
    ask: async ({ call }) => codeOf(await call('GET', '/apis/none.example.org/v1')),
    ours: [404, 'NotFound'],
    real: 404,
  },
  {
    title: 'answers as YAML or protobuf',
    because: 'nobody asks for them without taking JSON, too',
    ask: async ({ call, maps }) => codeOf(await call('GET', maps, { headers: { accept: 'application/yaml' } })),
    ours: [406, 'NotAcceptable'],
    real: 200,
  },
  {
    title: 'writing to paths that are no resources',
    because: 'the real server answers as if they were read',
    ask: async ({ call }) => [codeOf(await call('POST', '/livez')), codeOf(await call('POST', '/apis'))],
    ours: [
      [405, 'MethodNotAllowed'],
      [405, 'MethodNotAllowed'],
    ],
    real: [200, 200],
  },
  {
    title: 'a patch after which a field has the wrong type',
    because: 'ours looks at the result as at any body; the real server blames the patch',
    ask: async ({ create, patch, maps }) => {
      await create(maps, configMap('type'));
      const patches = [
        await patch('merge', `${maps}/type`, { data: { a: 5 } }),
        await patch('merge', `${maps}/type`, { kind: 'Pod' }),
      ];
      return patches.map(codeOf);
    },
    ours: [
      [400, 'BadRequest'],
      [400, 'BadRequest'],
    ],
    real: [
      [422, 'Invalid'],
      [422, 'Invalid'],
    ],
  },
  {
    title: 'mistakes that the real server takes for its own',
    because: 'a client that is wrong gets 4xx from ours',
    ask: async ({ call, create, maps }) => {
      const stored = configMap('own', { metadata: { resourceVersion: '5' } });
      const made = await call('POST', maps, { body: stored });
      await create(maps, configMap('own'));
      const watched = await call('GET', `${maps}?watch=true&timeoutSeconds=1&resourceVersion=x`);
      const removed = await call('DELETE', `${maps}/own`, { body: '{' });
      return [made, watched, removed].map(({ status }) => status);
    },
    ours: [400, 400, 400],
    real: [500, 500, 500],
  },
  {
    title: 'fields that no type has, asked to be refused (fieldValidation=Strict)',
    because: 'ours does not know the fields of its types; it keeps them',
    ask: async ({ call, maps }) => {
      const body = { ...configMap('strict'), unknown: 1 };
      const { status, object } = await call('POST', `${maps}?fieldValidation=Strict`, { body });
      return [status, object['unknown']];
    },
    ours: [201, 1],
    real: [400, undefined],
  },
  {
    title: 'values that only a node would mind',
    because: 'ours checks what its own parts rely on',
    ask: async ({ call, pods }) =>
      codeOf(await call('POST', pods, { body: pod('policy', { spec: { restartPolicy: 'X' } }) })),
    ours: 201,
    real: [422, 'Invalid'],
  },
  {
    title: 'options that make no sense',
    because: 'ours does not look at options that it has no use for',
    ask: async ({ call, create, patch, maps }) => {
      const long = await call('POST', `${maps}?fieldManager=${'x'.repeat(200)}`, { body: configMap('long') });
      await create(maps, configMap('forced'));
      const forced = await patch('merge', `${maps}/forced?force=true`, {});
      return [long, forced, await call('GET', `${maps}?timeoutSeconds=x`)].map(codeOf);
    },
    ours: [201, 200, 200],
    real: [
      [422, 'Invalid'],
      [422, 'Invalid'],
      [400, 'BadRequest'],
    ],
  },
  {
    title: 'maps and lists with nothing in them',
    because: 'ours stores JSON as it came; Go leaves out what is empty',
    ask: async ({ create, maps }) => {
      const made = await create(maps, configMap('empty', { data: {}, metadata: { labels: {}, finalizers: [] } }));
      return ['data' in made, 'labels' in made.metadata, 'finalizers' in made.metadata];
    },
    ours: [true, true, true],
    real: [false, false, false],
  },
  {
    title: 'an answer to a write that is wanted as a table',
    because: 'nobody wants tables but for reading',
    ask: async ({ call, maps }) => {
      const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };
      return (await call('POST', maps, { body: configMap('table'), headers })).object.kind;
    },
    ours: 'ConfigMap',
    real: 'Table',
  },
  {
    title: 'the group of a kind in aggregated discovery',
    because: 'the real server leaves it to the group around it; clients take either',
    ask: async ({ call }) => {
      const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
      const { text } = await call('GET', '/apis', { headers: { accept } });
      return /"responseKind":(\{[^}]*"Deployment"[^}]*\})/.exec(text)?.[1]?.includes('"apps"');
    },
    ours: true,
    real: false,
  },
  {
    title: 'a read of one object from a resourceVersion',
    because: 'ours reads the newest state always, which is newer than any that was seen',
    ask: async ({ call, create, maps }) => {
      await create(maps, configMap('newest'));
      return codeOf(await call('GET', `${maps}/newest?resourceVersion=99999999`));
    },
    ours: 200,
    real: [504, 'Timeout'],
  },
  {
    title: 'keys and values of data that are not valid',
    because: 'ours checks what its own parts rely on',
    ask: async ({ call, maps, namespace }) => {
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' }, data: { a: '%%' } };
      const key = await call('POST', maps, { body: configMap('key', { data: { 'a b': 'c' } }) });
      return [key, await call('POST', `/api/v1/namespaces/${namespace}/secrets`, { body: secret })].map(codeOf);
    },
    ours: [201, 201],
    real: [
      [422, 'Invalid'],
      [400, 'BadRequest'],
    ],
  },
  {
    title: 'dry runs',
    because: 'no part of ours asks for them; they are refused, not done',
    ask: async ({ call, maps }) => codeOf(await call('POST', `${maps}?dryRun=All`, { body: configMap('dry') })),
    ours: [400, 'BadRequest'],
    real: 201,
  },
  {
    title: 'server-side apply of YAML that is not JSON, and without a head',
    because: 'kubectl sends JSON with a head',
    ask: async ({ patch, maps }) => {
      const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\n';
      const answers = [
        await patch('apply', `${maps}/yaml?fieldManager=a`, yaml),
        await patch('apply', `${maps}/head?fieldManager=a`, { metadata: { name: 'head' } }),
      ];
      return answers.map(codeOf);
    },
    ours: [[400, 'BadRequest'], 201],
    real: [201, [400, 'BadRequest']],
  },
  {
    title: 'managedFields that are emptied',
    because: 'nobody gives up what he owns; ours keeps them',
    ask: async ({ call, create, maps }) => {
      const made = await create(maps, configMap('managed', { data: { a: '1' } }));
      const body = { ...made, metadata: { ...made.metadata, managedFields: [{}] } };
      return 'managedFields' in (await call('PUT', `${maps}/managed`, { body })).object.metadata;
    },
    ours: true,
    real: false,
  },
  {
    title: 'OpenAPI v3',
    because: 'kubectl finds what it needs in v2',
    ask: async ({ call }) => (await call('GET', '/openapi/v3')).status,
    ours: 404,
    real: 200,
  },
  {
    title: 'JSON patches that move or copy',
    because: 'no client here sends them',
    ask: async ({ create, patch, maps }) => {
      await create(maps, configMap('move', { data: { a: '1' } }));
      const patched = await patch('json', `${maps}/move`, [{ op: 'move', from: '/data/a', path: '/data/b' }]);
      return patched.status < 400;
    },
    ours: false,
    real: true,
  },
  {
    title: 'the columns of rare kinds',
    because: 'name and age are enough where nobody looks',
    ask: async ({ call }) => {
      const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
      const { object } = await call('GET', '/apis/coordination.k8s.io/v1/leases', { headers });
      return (object['columnDefinitions'] as object[]).length;
    },
    ours: 2,
    real: 3,
  },
  {
    title: 'the selector and the name of a Scale',
    because: 'only an autoscaler reads the one, and the path has the other',
    ask: async ({ call, create, deployments }) => {
      await create(deployments, deployment('scale'));
      const { object } = await call('GET', `${deployments}/scale/scale`);
      const { selector } = object['status'] as { selector?: string };
      const body = { ...object, metadata: { name: 'other' } };
      return [selector, (await call('PUT', `${deployments}/scale/scale`, { body })).status];
    },
    ours: [undefined, 200],
    real: ['app=scale', 400],
  },
  {
    title: 'another clusterIP for a Service',
    because: 'nothing here moves a Service',
    ask: async ({ call, create, namespace }) => {
      const path = `/api/v1/namespaces/${namespace}/services`;
      const body = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { ports: [{ port: 80 }] } };
      const made = await create(path, body);
      const spec = { ...(made['spec'] as object), clusterIP: '10.96.0.250', clusterIPs: undefined };
      return (await call('PUT', `${path}/web`, { body: { ...made, spec } })).status;
    },
    ours: 200,
    real: 422,
  },
  {
    title: 'a finalizer for an object that is being deleted',
    because: 'ours takes it; the object waits for it, too',
    ask: async ({ call, create, patch, maps }) => {
      await create(maps, configMap('leaving', { metadata: { finalizers: ['a.b/c'] } }));
      await call('DELETE', `${maps}/leaving`);
      return (await patch('merge', `${maps}/leaving`, { metadata: { finalizers: ['a.b/c', 'a.b/d'] } })).status;
    },
    ours: 200,
    real: 422,
  },
  {
    title: 'the continue token of a watch',
    because: 'ours reads the token before it looks whether there may be one',
    ask: async ({ call, maps }) => codeOf(await call('GET', `${maps}?watch=true&timeoutSeconds=1&continue=x`)),
    ours: [400, 'BadRequest'],
    real: [422, 'Invalid'],
  },
];

/** Both servers are held to what they differ in, so that neither changes unseen. */
describe.each(inject('apiServers'))('$name: what is known to differ', (server) => {
  const api = openScope(server, 'contract-differences');

  test.each(differences)('$title, because $because', async ({ ask, ours, real }) => {
    expect(await ask(api)).toEqual(server.which === 'ours' ? ours : real);
  });
});
