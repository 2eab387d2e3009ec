import { describe, expect, inject, test } from 'vitest';
import { configMap, openScope, type Answer } from './api-scope.ts';

/** Server-side apply, and who owns which field. */
describe.each(inject('apiServers'))('$name: server-side apply', (server) => {
  const { maps, deployments, create, call, patch } = openScope(server, 'contract-apply');

  /** Applies as `manager`; JSON is YAML too. */
  const apply = async (manager: string, path: string, object: object, more = ''): Promise<Answer> =>
    await patch('apply', `${path}?fieldManager=${manager}${more}`, object);

  test('creates what is not there, then changes it', async () => {
    const first = await apply('a', `${maps}/made`, configMap('made', { data: { k: '1' } }));
    expect([first.status, first.object['data']]).toEqual([201, { k: '1' }]);
    const second = await apply('a', `${maps}/made`, configMap('made', { data: { k: '2' } }));
    expect([second.status, second.object['data']]).toEqual([200, { k: '2' }]);
    expect(second.object.metadata.uid).toBe(first.object.metadata.uid);
  });

  test('writes down who owns what, leaf by leaf', async () => {
    const metadata = { labels: { l: 'v' } };
    const { object } = await apply('a', `${maps}/owned`, configMap('owned', { metadata, data: { k: '1', m: '2' } }));
    expect(managersOf(object)).toEqual([
      {
        manager: 'a',
        operation: 'Apply',
        apiVersion: 'v1',
        time: expect.any(String),
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:k': {}, 'f:m': {} }, 'f:metadata': { 'f:labels': { 'f:l': {} } } },
      },
    ]);
  });

  test('takes away what its manager applied before and does not any more', async () => {
    await apply('a', `${maps}/less`, configMap('less', { data: { k: '1', m: '2' } }));
    const { object } = await apply('a', `${maps}/less`, configMap('less', { data: { k: '1' } }));
    expect(object['data']).toEqual({ k: '1' });
  });

  test('leaves alone what others own', async () => {
    await create(`${maps}?fieldManager=author`, configMap('shared', { data: { k: '1' } }));
    const { object } = await apply('a', `${maps}/shared`, configMap('shared', { data: { m: '2' } }));
    expect(object['data']).toEqual({ k: '1', m: '2' });
    const empty = await apply('a', `${maps}/shared`, configMap('shared'));
    expect(empty.object['data']).toEqual({ k: '1' });
  });

  test('is a conflict that names the managers when another one owns the field with another value', async () => {
    await apply('first', `${maps}/fought`, configMap('fought', { data: { k: '1', m: '1' } }));
    const { status, object } = await apply(
      'second',
      `${maps}/fought`,
      configMap('fought', { data: { k: '2', m: '2' } }),
    );
    expect(status).toBe(409);
    expect(object).toMatchObject({
      kind: 'Status',
      status: 'Failure',
      reason: 'Conflict',
      code: 409,
      message: 'Apply failed with 2 conflicts: conflicts with "first":\n- .data.k\n- .data.m',
      details: {
        causes: [
          { reason: 'FieldManagerConflict', message: 'conflict with "first"', field: '.data.k' },
          { reason: 'FieldManagerConflict', message: 'conflict with "first"', field: '.data.m' },
        ],
      },
    });
    expect((await call('GET', `${maps}/fought`)).object['data']).toEqual({ k: '1', m: '1' });
  });

  test('says of a conflict with an update that it was one, and when', async () => {
    await create(`${maps}?fieldManager=author`, configMap('updated', { data: { k: '1' } }));
    const { status, object } = await apply('a', `${maps}/updated`, configMap('updated', { data: { k: '2' } }));
    expect(status).toBe(409);
    expect(object['message']).toMatch(
      /^Apply failed with 1 conflict: conflict with "author" using v1(?: at .*)?: \.data\.k$/,
    );
  });

  test('takes the field with force', async () => {
    await apply('first', `${maps}/forced`, configMap('forced', { data: { k: '1', m: '1' } }));
    const { status, object } = await apply(
      'second',
      `${maps}/forced`,
      configMap('forced', { data: { k: '2' } }),
      '&force=true',
    );
    expect([status, object['data']]).toEqual([200, { k: '2', m: '1' }]);
    expect(fieldsOf(object, 'first')).toEqual({ 'f:data': { 'f:m': {} } });
    expect(fieldsOf(object, 'second')).toEqual({ 'f:data': { 'f:k': {} } });
  });

  test('with the same value shares the field, which goes with its last owner', async () => {
    for (const manager of ['first', 'second']) {
      const { object } = await apply(manager, `${maps}/both`, configMap('both', { data: { k: '1' } }));
      expect(fieldsOf(object, manager)).toEqual({ 'f:data': { 'f:k': {} } });
    }
    const one = await apply('first', `${maps}/both`, configMap('both'));
    expect(one.object['data']).toEqual({ k: '1' });
    const none = await apply('second', `${maps}/both`, configMap('both'));
    expect(none.object['data'] ?? {}).toEqual({});
  });

  test('loses the field to an update, which asks nobody', async () => {
    const { object } = await apply('a', `${maps}/lost`, configMap('lost', { data: { k: '1', m: '1' } }));
    const changed = await call('PUT', `${maps}/lost?fieldManager=author`, {
      body: { ...object, data: { k: '2', m: '1' } },
    });
    expect(changed.status).toBe(200);
    expect(fieldsOf(changed.object, 'a')).toEqual({ 'f:data': { 'f:m': {} } });
    expect(managersOf(changed.object)).toContainEqual(
      expect.objectContaining({ manager: 'author', operation: 'Update', fieldsV1: { 'f:data': { 'f:k': {} } } }),
    );
  });

  test('knows items of lists by their keys', async () => {
    await apply('a', `${deployments}/keyed`, withContainers('keyed', [{ name: 'one', image: 'node:24' }], 2));
    const two = { name: 'two', image: 'node:24' };
    const { status, object } = await apply('b', `${deployments}/keyed`, onlyContainers('keyed', [two]));
    expect(status).toBe(200);
    expect(namesOf(object).toSorted()).toEqual(['one', 'two']);
    const one = 'k:{"name":"one"}';
    expect(fieldsOf(object, 'a')).toMatchObject({
      'f:spec': {
        'f:replicas': {},
        'f:template': { 'f:spec': { 'f:containers': { [one]: { '.': {}, 'f:image': {}, 'f:name': {} } } } },
      },
    });
    const conflict = await apply(
      'b',
      `${deployments}/keyed`,
      onlyContainers('keyed', [{ name: 'one', image: 'node:25' }]),
    );
    expect([conflict.status, conflict.object['message']]).toEqual([
      409,
      'Apply failed with 1 conflict: conflict with "a": .spec.template.spec.containers[name="one"].image',
    ]);
  });

  test('keeps what others set when a manager leaves it out, as the replicas of a Deployment that is scaled', async () => {
    await apply('a', `${deployments}/scaled`, withContainers('scaled', [{ name: 'one', image: 'node:24' }]));
    await patch('merge', `${deployments}/scaled/scale`, { spec: { replicas: 5 } });
    const { object } = await apply(
      'a',
      `${deployments}/scaled`,
      withContainers('scaled', [{ name: 'one', image: 'node:25' }]),
    );
    expect(object['spec']).toMatchObject({ replicas: 5 });
  });

  test('wants a manager, the name of the path and no managedFields', async () => {
    const bare = await patch('apply', `${maps}/x`, configMap('x'));
    expect([bare.status, bare.object['reason']]).toEqual([422, 'Invalid']);
    expect((await apply('a', `${maps}/x`, configMap('y'))).status).toBe(400);
    const metadata = { managedFields: [] };
    const sent = { manager: 'a', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} };
    const claimed = await apply('a', `${maps}/x`, configMap('x', { metadata: { ...metadata, managedFields: [sent] } }));
    expect(claimed.status).toBe(400);
    expect((await call('GET', `${maps}/x`)).status).toBe(404);
  });

  test('does nothing twice', async () => {
    const object = configMap('twice', { data: { k: '1' } });
    const first = await apply('a', `${maps}/twice`, object);
    const second = await apply('a', `${maps}/twice`, object);
    expect(second.object).toEqual(first.object);
  });
});

/** Other ways of writing, and who they say owns the fields. */
describe.each(inject('apiServers'))('$name: managed fields', (server) => {
  const { maps, deployments, create, call, patch } = openScope(server, 'contract-managers');

  test('name the first word of the user agent when nobody says who he is', async () => {
    const { object } = await call('POST', maps, {
      body: configMap('agent', { data: { k: '1' } }),
      headers: { 'user-agent': 'tool/1.2 (x)' },
    });
    const fieldsV1 = { 'f:data': { 'f:k': {} } };
    expect(managersOf(object)).toMatchObject([{ manager: 'tool', operation: 'Update', fieldsV1 }]);
  });

  test('are kept apart for the status', async () => {
    await create(`${deployments}?fieldManager=author`, withContainers('apart', [{ name: 'one', image: 'node:24' }]));
    const { object } = await patch('merge', `${deployments}/apart/status?fieldManager=controller`, {
      status: { observedGeneration: 1 },
    });
    expect(managersOf(object)).toContainEqual(
      expect.objectContaining({
        manager: 'controller',
        subresource: 'status',
        fieldsV1: { 'f:status': { 'f:observedGeneration': {} } },
      }),
    );
    expect(
      managersOf(object)
        .map(({ manager }) => manager)
        .toSorted(),
    ).toEqual(['author', 'controller']);
  });
});

interface Manager {
  readonly manager: string;
  readonly operation: string;
  readonly fieldsV1: object;
}

function managersOf({ metadata }: { readonly metadata: object }): Manager[] {
  return (metadata as { managedFields?: Manager[] }).managedFields ?? [];
}

/** What a manager owns by apply. */
function fieldsOf(object: { readonly metadata: object }, manager: string): object | undefined {
  return managersOf(object).find((one) => one.manager === manager && one.operation === 'Apply')?.fieldsV1;
}

function withContainers(name: string, containers: readonly object[], replicas?: number): object {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers } };
  const spec = { selector: { matchLabels: labels }, template, ...(replicas !== undefined && { replicas }) };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec };
}

function onlyContainers(name: string, containers: readonly object[]): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { template: { spec: { containers } } },
  };
}

function namesOf(object: Record<string, unknown>): string[] {
  const { spec } = object as { spec: { template: { spec: { containers: { name: string }[] } } } };
  return spec.template.spec.containers.map(({ name }) => name);
}
