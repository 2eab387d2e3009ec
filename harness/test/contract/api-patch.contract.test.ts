import { describe, expect, inject, test } from 'vitest';
import { configMap, deployment, openScope, pod } from './api-scope.ts';

/** The three kinds of patches that are no apply. */
describe.each(inject('apiServers'))('$name: patches', (server) => {
  const { maps, pods, deployments, create, patch } = openScope(server, 'contract-patch');

  test('by merge set, add and, with null, remove fields; lists are replaced', async () => {
    const metadata = { labels: { keep: 'x', drop: 'y' }, finalizers: ['a.b/c', 'a.b/d'] };
    await create(maps, configMap('merge', { metadata, data: { a: '1', b: '2' } }));
    const { status, object } = await patch('merge', `${maps}/merge`, {
      metadata: { labels: { drop: null, add: 'z' }, finalizers: ['a.b/d'] },
      data: { b: null, c: '3' },
    });
    expect(status).toBe(200);
    expect(object).toMatchObject({
      metadata: { labels: { keep: 'x', add: 'z' }, finalizers: ['a.b/d'] },
      data: { a: '1', c: '3' },
    });
    expect(object.metadata.labels).not.toHaveProperty('drop');
    await patch('merge', `${maps}/merge`, { metadata: { finalizers: null } });
  });

  test('by JSON patch are done in order, or not at all', async () => {
    await create(maps, configMap('json', { data: { a: '1', b: '2' } }));
    const done = await patch('json', `${maps}/json`, [
      { op: 'test', path: '/data/a', value: '1' },
      { op: 'replace', path: '/data/a', value: 'x' },
      { op: 'remove', path: '/data/b' },
      { op: 'add', path: '/data/c', value: 'x' },
      { op: 'add', path: '/metadata/annotations', value: {} },
      { op: 'add', path: '/metadata/annotations/k~1l', value: 'v' },
    ]);
    expect(done.object).toMatchObject({
      data: { a: 'x', c: 'x' },
      metadata: { annotations: { 'k/l': 'v' } },
    });
    expect(done.object['data']).not.toHaveProperty('b');
    const undone = await patch('json', `${maps}/json`, [
      { op: 'replace', path: '/data/a', value: 'y' },
      { op: 'test', path: '/data/c', value: 'other' },
    ]);
    expect([undone.status, undone.object['reason']]).toEqual([422, 'Invalid']);
    const unchanged = await patch('json', `${maps}/json`, []);
    expect(unchanged.object).toEqual(done.object);
  });

  test.each([
    { op: 'remove', path: '/data/none' },
    { op: 'other', path: '/data' },
  ])('by JSON patch are refused when they cannot be done: %j', async (operation) => {
    await patch('apply', `${maps}/path?fieldManager=a`, configMap('path'));
    const { status, object } = await patch('json', `${maps}/path`, [operation]);
    expect([status, object['reason']]).toEqual([422, 'Invalid']);
  });

  test('by strategic merge know the keys of lists', async () => {
    const containers = [
      {
        name: 'one',
        image: 'node:24',
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
      },
      { name: 'two', image: 'node:24' },
    ];
    await create(deployments, withContainers('strategic', containers));
    const { object } = await patch('strategic', `${deployments}/strategic`, {
      spec: {
        template: {
          spec: {
            containers: [
              {
                name: 'one',
                env: [
                  { name: 'B', $patch: 'delete' },
                  { name: 'C', value: '3' },
                ],
              },
              { name: 'three', image: 'node:24' },
            ],
          },
        },
      },
    });
    const merged = containersOf(object);
    expect(merged.map(({ name }) => name).toSorted()).toEqual(['one', 'three', 'two']);
    const one = merged.find(({ name }) => name === 'one');
    expect(one?.env.map(({ name }) => name).toSorted()).toEqual(['A', 'C']);
  });

  test('by strategic merge can replace a list and remove an item of it', async () => {
    const containers = ['one', 'two', 'three'].map((name) => ({ name, image: 'node:24' }));
    await create(deployments, withContainers('directives', containers));
    const removed = await patch('strategic', `${deployments}/directives`, {
      spec: { template: { spec: { containers: [{ name: 'two', $patch: 'delete' }] } } },
    });
    expect(containersOf(removed.object).map(({ name }) => name)).toEqual(['one', 'three']);
    const replaced = await patch('strategic', `${deployments}/directives`, {
      spec: { template: { spec: { containers: [{ $patch: 'replace' }, { name: 'new', image: 'node:24' }] } } },
    });
    expect(containersOf(replaced.object).map(({ name }) => name)).toEqual(['new']);
  });

  test('by strategic merge join the finalizers, and take one away when told to', async () => {
    await create(maps, configMap('finalizers', { metadata: { finalizers: ['a.b/c'] } }));
    const joined = await patch('strategic', `${maps}/finalizers`, { metadata: { finalizers: ['a.b/d'] } });
    expect(joined.object.metadata.finalizers?.toSorted()).toEqual(['a.b/c', 'a.b/d']);
    const left = await patch('strategic', `${maps}/finalizers`, {
      metadata: { '$deleteFromPrimitiveList/finalizers': ['a.b/c'] },
    });
    expect(left.object.metadata.finalizers).toEqual(['a.b/d']);
  });

  test('with a resourceVersion are for that version alone', async () => {
    const { metadata } = await create(maps, configMap('versioned'));
    const stale = await patch('merge', `${maps}/versioned`, { metadata: { resourceVersion: '1' }, data: { a: '1' } });
    expect([stale.status, stale.object['reason']]).toEqual([409, 'Conflict']);
    const { resourceVersion } = metadata;
    const fresh = await patch('merge', `${maps}/versioned`, { metadata: { resourceVersion }, data: { a: '1' } });
    expect(fresh.status).toBe(200);
  });

  test('that change nothing leave the resourceVersion as it is', async () => {
    const { metadata } = await create(maps, configMap('same', { data: { a: '1' } }));
    const { object } = await patch('merge', `${maps}/same`, { data: { a: '1' } });
    expect(object.metadata.resourceVersion).toBe(metadata.resourceVersion);
  });

  test('are checked as a whole object is', async () => {
    await create(pods, pod('checked'));
    const fixed = await patch('merge', `${pods}/checked`, { spec: { hostname: 'h' } });
    expect([fixed.status, fixed.object['reason']]).toEqual([422, 'Invalid']);
    await create(maps, configMap('checked'));
    expect((await patch('merge', `${maps}/checked`, '{')).status).toBe(400);
    expect((await patch('merge', `${maps}/checked`, { metadata: { name: 'other' } })).status).toBe(400);
    expect((await patch('merge', `${maps}/none`, {})).status).toBe(404);
  });

  test('may change the image of a pod, but nothing that it runs with', async () => {
    await create(pods, pod('image'));
    const containers = [{ name: 'main', image: 'node:25' }];
    const { status, object } = await patch('strategic', `${pods}/image`, { spec: { containers } });
    expect(status).toBe(200);
    expect(object['spec']).toMatchObject({ containers: [{ name: 'main', image: 'node:25' }] });
  });
});

interface Container {
  readonly name: string;
  readonly env: readonly { readonly name: string }[];
}

function withContainers(name: string, containers: readonly object[]): object {
  return deployment(name, { template: { metadata: { labels: { app: name } }, spec: { containers } } });
}

function containersOf(object: Record<string, unknown>): Container[] {
  return (object as { spec: { template: { spec: { containers: Container[] } } } }).spec.template.spec.containers;
}
