import { beforeAll, describe, expect, inject, test } from 'vitest';
import { configMap, deployment, openScope, pod, type Answer } from './api-scope.ts';

interface Table {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly columnDefinitions: readonly { readonly name: string; readonly type: string; readonly priority: number }[];
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object?: Record<string, unknown> }[];
}

const asTable = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** What `kubectl get` prints. */
describe.each(inject('apiServers'))('$name: tables', (server) => {
  const { namespace, maps, pods, deployments, create, call, patch } = openScope(server, 'contract-table');
  const get = async (path: string): Promise<Answer> => await call('GET', path, { headers: { accept: asTable } });
  const table = async (path: string): Promise<Table> => (await get(path)).object as unknown as Table;

  beforeAll(async () => {
    await create(pods, pod('running', { spec: { nodeName: 'n' } }));
    await patch('merge', `${pods}/running/status`, {
      status: {
        phase: 'Running',
        podIP: '10.0.0.1',
        podIPs: [{ ip: '10.0.0.1' }],
        conditions: [{ type: 'Ready', status: 'True' }],
        containerStatuses: [
          { name: 'main', ready: true, restartCount: 2, image: 'node:24', imageID: 'x', state: { running: {} } },
        ],
      },
    });
    await create(pods, pod('waiting'));
    await create(maps, configMap('two', { data: { a: '1', b: '2' } }));
    await create(deployments, deployment('web', { replicas: 3 }));
    await patch('merge', `${deployments}/web/status`, {
      status: { replicas: 3, updatedReplicas: 2, readyReplicas: 1, availableReplicas: 1 },
    });
  });

  test('have a head, rows with cells in its order, and the metadata of each object', async () => {
    const { status, headers, object } = await get(pods);
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    expect(object).toMatchObject({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: expect.stringMatching(/^\d+$/) },
    });
    const { rows, columnDefinitions } = object as unknown as Table;
    for (const { cells } of rows) expect(cells.length).toBe(columnDefinitions.length);
    expect(rows[0]?.object).toMatchObject({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { name: 'running', namespace },
    });
    expect(rows[0]?.object).not.toHaveProperty('spec');
  });

  test('of pods', async () => {
    const seen = await table(pods);
    expect(headOf(seen, 0)).toEqual(['Name', 'Ready', 'Status', 'Restarts', 'Age']);
    expect(headOf(seen, 1).slice(0, 2)).toEqual(['IP', 'Node']);
    const cells = seen.rows.map((row) => row.cells.toSpliced(4, 1).slice(0, 6));
    expect(cells).toEqual([
      ['running', '1/1', 'Running', '2', '10.0.0.1', 'n'],
      ['waiting', '0/1', 'Pending', '0', '<none>', '<none>'],
    ]);
  });

  test('of deployments', async () => {
    const seen = await table(deployments);
    expect(headOf(seen, 0)).toEqual(['Name', 'Ready', 'Up-to-date', 'Available', 'Age']);
    expect(seen.rows[0]?.cells.slice(0, 4)).toEqual(['web', '1/3', 2, 1]);
  });

  test('of config maps', async () => {
    const seen = await table(maps);
    expect(headOf(seen, 0)).toEqual(['Name', 'Data', 'Age']);
    expect(seen.rows[0]?.cells.slice(0, 2)).toEqual(['two', 2]);
  });

  test.each([
    ['/api/v1/nodes', ['Name', 'Status', 'Roles', 'Age', 'Version']],
    ['/api/v1/namespaces', ['Name', 'Status', 'Age']],
    ['/api/v1/services', ['Name', 'Type', 'Cluster-IP', 'External-IP', 'Port(s)', 'Age']],
    ['/api/v1/endpoints', ['Name', 'Endpoints', 'Age']],
    ['/api/v1/secrets', ['Name', 'Type', 'Data', 'Age']],
    ['/api/v1/events', ['Last Seen', 'Type', 'Reason', 'Object', 'Message']],
    ['/apis/apps/v1/replicasets', ['Name', 'Desired', 'Current', 'Ready', 'Age']],
    [
      '/apis/apps/v1/daemonsets',
      ['Name', 'Desired', 'Current', 'Ready', 'Up-to-date', 'Available', 'Node Selector', 'Age'],
    ],
    [
      '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas',
      ['Name', 'PriorityLevel', 'MatchingPrecedence', 'DistinguisherMethod', 'Age', 'MissingPL'],
    ],
    ['/apis/apiextensions.k8s.io/v1/customresourcedefinitions', ['Name', 'Created At']],
  ])('of %s have the same columns', async (path, columns) => {
    expect(headOf(await table(path), 0)).toEqual(columns);
  });

  test('of one object have one row', async () => {
    const { rows } = await table(`${pods}/running`);
    expect(rows.map(({ cells }) => cells[0])).toEqual(['running']);
  });

  test('come with the objects, or without anything, when that is asked for', async () => {
    const whole = await table(`${pods}/running?includeObject=Object`);
    expect(whole.rows[0]?.object).toMatchObject({ kind: 'Pod', spec: { nodeName: 'n' } });
    const none = await table(`${pods}/running?includeObject=None`);
    expect(none.rows[0]).not.toHaveProperty('object.metadata');
    expect((await get(`${pods}?includeObject=Some`)).status).toBe(400);
  });

  test('come in pages', async () => {
    const first = await table(`${pods}?limit=1`);
    expect(first.rows.length).toBe(1);
    const second = await table(`${pods}?limit=1&continue=${first.metadata.continue}`);
    expect(second.rows.map(({ cells }) => cells[0])).toEqual(['waiting']);
  });

  test('are what a watch tells', async () => {
    const { resourceVersion = '' } = (await call('GET', maps)).object.metadata;
    await create(maps, configMap('watched-1'));
    await create(maps, configMap('watched-2'));
    const { text } = await get(`${maps}?watch=true&timeoutSeconds=1&resourceVersion=${resourceVersion}`);
    const events = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; object: Table });
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'ADDED']);
    const tables = events.map(({ object }) => object);
    expect(tables.map(({ kind, rows }) => [kind, rows[0]?.cells[0]])).toEqual([
      ['Table', 'watched-1'],
      ['Table', 'watched-2'],
    ]);
    expect(tables[0]?.columnDefinitions.length).toBe(3);
  });
});

function headOf({ columnDefinitions }: Table, priority: number): string[] {
  return columnDefinitions.filter((one) => one.priority === priority).map(({ name }) => name);
}
