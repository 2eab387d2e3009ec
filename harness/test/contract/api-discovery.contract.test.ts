import { describe, expect, inject, test } from 'vitest';
import { openClient, openScope } from './api-scope.ts';

interface DiscoveredGroup {
  readonly metadata: { readonly name?: string };
  readonly versions: readonly {
    readonly version: string;
    readonly resources: readonly { readonly resource: string; readonly subresources?: readonly object[] }[];
  }[];
}

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const core = '/api/v1';
const apps = '/apis/apps/v1';
const flow = '/apis/flowcontrol.apiserver.k8s.io/v1';
const everything = 'create delete deletecollection get list patch update watch';
const ofStatus = 'get patch update';

/** What is served: path, name, kind, whether it is in namespaces, its short names, what can be done with it. */
const resources: readonly (readonly [string, string, string, boolean, string, string])[] = [
  [core, 'namespaces', 'Namespace', false, 'ns', 'create delete get list patch update watch'],
  [core, 'namespaces/finalize', 'Namespace', false, '', 'update'],
  [core, 'nodes', 'Node', false, 'no', everything],
  [core, 'nodes/status', 'Node', false, '', ofStatus],
  [core, 'pods', 'Pod', true, 'po', everything],
  [core, 'pods/status', 'Pod', true, '', ofStatus],
  [core, 'pods/log', 'Pod', true, '', 'get'],
  [core, 'pods/binding', 'Binding', true, '', 'create'],
  [core, 'pods/eviction', 'Eviction', true, '', 'create'],
  [core, 'services', 'Service', true, 'svc', everything],
  [core, 'endpoints', 'Endpoints', true, 'ep', everything],
  [core, 'configmaps', 'ConfigMap', true, 'cm', everything],
  [core, 'secrets', 'Secret', true, '', everything],
  [core, 'serviceaccounts', 'ServiceAccount', true, 'sa', everything],
  [core, 'serviceaccounts/token', 'TokenRequest', true, '', 'create'],
  [core, 'events', 'Event', true, 'ev', everything],
  [apps, 'deployments', 'Deployment', true, 'deploy', everything],
  [apps, 'deployments/status', 'Deployment', true, '', ofStatus],
  [apps, 'deployments/scale', 'Scale', true, '', ofStatus],
  [apps, 'replicasets', 'ReplicaSet', true, 'rs', everything],
  [apps, 'daemonsets', 'DaemonSet', true, 'ds', everything],
  ['/apis/discovery.k8s.io/v1', 'endpointslices', 'EndpointSlice', true, '', everything],
  ['/apis/coordination.k8s.io/v1', 'leases', 'Lease', true, '', everything],
  [flow, 'flowschemas', 'FlowSchema', false, '', everything],
  [flow, 'prioritylevelconfigurations', 'PriorityLevelConfiguration', false, '', everything],
  [
    '/apis/apiextensions.k8s.io/v1',
    'customresourcedefinitions',
    'CustomResourceDefinition',
    false,
    'crd crds',
    everything,
  ],
  ['/apis/authorization.k8s.io/v1', 'selfsubjectaccessreviews', 'SelfSubjectAccessReview', false, '', 'create'],
  ['/apis/authentication.k8s.io/v1', 'selfsubjectreviews', 'SelfSubjectReview', false, '', 'create'],
];

/** How clients learn what is served. */
describe.each(inject('apiServers'))('$name: discovery', (server) => {
  const { call, create } = openScope(server, 'contract-discovery');

  test('names the versions of the core, the groups and the versions of a group', async () => {
    expect((await call('GET', '/api')).object).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    const { object } = await call('GET', '/apis');
    expect(object).toMatchObject({ kind: 'APIGroupList', apiVersion: 'v1' });
    const groups = [...new Set(resources.map(([path]) => path.split('/')[2] ?? ''))].filter((name) => name !== 'v1');
    expect((object['groups'] as { name: string }[]).map(({ name }) => name)).toEqual(expect.arrayContaining(groups));
    expect((await call('GET', '/apis/apps')).object).toEqual({
      kind: 'APIGroup',
      apiVersion: 'v1',
      name: 'apps',
      versions: [{ groupVersion: 'apps/v1', version: 'v1' }],
      preferredVersion: { groupVersion: 'apps/v1', version: 'v1' },
    });
  });

  test.each(resources)('of %s has %s, a %s', async (path, name, kind, namespaced, shortNames, verbs) => {
    const { object } = await call('GET', path);
    expect(object).toMatchObject({ kind: 'APIResourceList', groupVersion: path.replace(/^\/apis?\//, '') });
    const found = (object['resources'] as Record<string, unknown>[]).find((one) => one['name'] === name);
    expect(found).toMatchObject({ kind, namespaced, singularName: name.includes('/') ? '' : kind.toLowerCase() });
    expect(found?.['shortNames'] ?? []).toEqual(shortNames.split(' ').filter(Boolean));
    expect((found?.['verbs'] as string[] | undefined)?.toSorted().join(' ')).toBe(verbs);
  });

  test('tells which kinds are meant by "all"', async () => {
    const found: string[] = [];
    for (const path of [core, apps]) {
      const { object } = await call('GET', path);
      const served = object['resources'] as { name: string; categories?: string[] }[];
      found.push(...served.filter(({ categories }) => categories?.includes('all')).map(({ name }) => name));
    }
    const meant = ['pods', 'services', 'deployments', 'replicasets', 'daemonsets'];
    expect(found).toEqual(expect.arrayContaining(meant));
    expect(found).not.toContain('configmaps');
  });

  test.each(['/api', '/apis'])('of everything at once, at %s, says the same', async (root) => {
    const { object, headers } = await call('GET', root, { headers: { accept: aggregated } });
    expect(headers['content-type']).toBe(aggregated);
    expect(object).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' });
    const served = new Set<string>();
    for (const { metadata, versions } of object['items'] as DiscoveredGroup[]) {
      for (const { version, resources: found } of versions) {
        const path = root === '/api' ? core : `/apis/${metadata.name}/${version}`;
        for (const { resource } of found) served.add(`${path} ${resource}`);
      }
    }
    const wanted = resources
      .filter(([path, name]) => path.startsWith(`${root}/`) && !name.includes('/'))
      .map(([path, name]) => `${path} ${name}`);
    expect([...served]).toEqual(expect.arrayContaining(wanted));
  });

  test('of one kind at once has its scope, its names and its subresources', async () => {
    const { object } = await call('GET', '/apis', { headers: { accept: aggregated } });
    const group = (object['items'] as DiscoveredGroup[]).find(({ metadata }) => metadata.name === 'apps');
    const [version] = group?.versions ?? [];
    expect(version).toMatchObject({ version: 'v1', freshness: 'Current' });
    const found = version?.resources.find(({ resource }) => resource === 'deployments');
    expect(found).toMatchObject({
      responseKind: { kind: 'Deployment' },
      scope: 'Namespaced',
      singularResource: 'deployment',
      shortNames: ['deploy'],
      categories: ['all'],
    });
    expect(found?.subresources).toContainEqual(
      expect.objectContaining({
        subresource: 'scale',
        responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
      }),
    );
  });

  test('has a kind as soon as it is defined, with its objects, and not after', async () => {
    const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const names = { plural: 'things', singular: 'thing', kind: 'Thing', shortNames: ['th'] };
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    const printed = { name: 'Size', type: 'integer', jsonPath: '.spec.size' };
    const version = { name: 'v1', served: true, storage: true, schema, additionalPrinterColumns: [printed] };
    expect((await call('GET', '/apis/contract.example.org/v1')).status).toBe(404);
    await create(crds, {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'things.contract.example.org' },
      spec: { group: 'contract.example.org', scope: 'Namespaced', names, versions: [version] },
    });
    await expect
      .poll(async () => (await call('GET', '/apis/contract.example.org/v1')).object['resources'], { timeout: 30_000 })
      .toMatchObject([{ name: 'things', kind: 'Thing', namespaced: true, shortNames: ['th'] }]);
    const things = '/apis/contract.example.org/v1/namespaces/contract-discovery/things';
    const thing = { apiVersion: 'contract.example.org/v1', kind: 'Thing', metadata: { name: 'a' }, spec: { size: 3 } };
    await expect.poll(async () => (await call('POST', things, { body: thing })).status, { timeout: 30_000 }).toBe(201);
    const { object } = await call('GET', things, {
      headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
    });
    expect(object['columnDefinitions']).toMatchObject([{ name: 'Name' }, { name: 'Size' }]);
    const [row] = object['rows'] as { cells: unknown[] }[];
    expect(row?.cells.map(String)).toEqual(['a', '3']);
    const strategic = await call('PATCH', `${things}/a`, {
      body: {},
      headers: { 'content-type': 'application/strategic-merge-patch+json' },
    });
    expect(strategic.status).toBe(415);
    expect((await call('DELETE', `${crds}/things.contract.example.org`)).status).toBe(200);
    await expect.poll(async () => (await call('GET', things)).status, { timeout: 30_000 }).toBe(404);
  });
});

/** How others learn whether the server is well, and which one it is. */
describe.each(inject('apiServers'))('$name: health and version', (server) => {
  const { call } = openScope(server, 'contract-health');

  test.each(['/livez', '/readyz', '/healthz'])('%s says ok, and with verbose what was looked at', async (path) => {
    const { status, text, headers } = await call('GET', path);
    expect([status, text, headers['content-type']]).toEqual([200, 'ok', 'text/plain; charset=utf-8']);
    const verbose = await call('GET', `${path}?verbose`);
    expect(verbose.text).toMatch(
      new RegExp(`^\\[\\+\\]ping ok\n\\[\\+\\]log ok\n\\[\\+\\]etcd ok\n(.*\n)*${path.slice(1)} check passed\n$`),
    );
  });

  test('one check can be asked for, and left out', async () => {
    expect((await call('GET', '/readyz/etcd')).text).toBe('ok');
    expect((await call('GET', '/readyz/poststarthook/rbac/bootstrap-roles')).text).toBe('ok');
    expect((await call('GET', '/readyz/none')).status).toBe(404);
    expect((await call('GET', '/livez?exclude=etcd')).text).toBe('ok');
  });

  test('/readyz looks at more than /livez', async () => {
    const { text: ready } = await call('GET', '/readyz?verbose');
    const { text: live } = await call('GET', '/livez?verbose');
    for (const check of ['[+]informer-sync ok', '[+]shutdown ok']) {
      expect(ready).toContain(check);
      expect(live).not.toContain(check);
    }
  });

  test('/version is that of Kubernetes 1.34', async () => {
    const { object } = await call('GET', '/version');
    expect(object).toMatchObject({
      major: '1',
      minor: '34',
      gitVersion: expect.stringMatching(/^v1\.34\.\d+$/),
      gitTreeState: 'clean',
      platform: expect.stringMatching(/^linux\//),
    });
  });

  test('/metrics counts requests, and says how many objects there are', async () => {
    await call('GET', '/api/v1/namespaces/contract-health/configmaps');
    const { text } = await call('GET', '/metrics');
    const labels = ['code="200"', 'resource="configmaps"', 'verb="LIST"', 'version="v1"'];
    const counted = text.split('\n').filter((line) => line.startsWith('apiserver_request_total{'));
    expect(counted.some((line) => labels.every((label) => line.includes(label)))).toBe(true);
    expect(text).toMatch(/^apiserver_storage_objects\{.*resource="namespaces".*\} \d+$/m);
    expect(text).toMatch(/^apiserver_flowcontrol_dispatched_requests_total\{/m);
  });

  test('paths that are not are 404, to those who may know', async () => {
    expect((await call('GET', '/nonsense')).status).toBe(404);
    const stranger = await openClient(server, 'stranger');
    expect((await stranger.call('GET', '/nonsense')).status).toBe(403);
    stranger.close();
  });
});
