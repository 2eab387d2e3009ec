import { beforeAll, describe, expect, inject, test } from 'vitest';
import { forgottenRevision } from './api-server.ts';
import { configMap, namesIn, openScope, pod } from './api-scope.ts';

interface ListMeta {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** What a list holds, in which pieces, and from which moment. */
describe.each(inject('apiServers'))('$name: lists', (server) => {
  const { maps, create, call } = openScope(server, 'contract-list');
  const list = async (query = ''): Promise<{ names: string[]; metadata: ListMeta; status: number; object: object }> => {
    const answer = await call('GET', `${maps}?${query}`);
    const { status, object } = answer;
    const metadata = object.metadata as unknown as ListMeta;
    return { status, object, names: status === 200 ? namesIn(answer) : [], metadata };
  };
  const names = ['a', 'b', 'c', 'd', 'e'];

  beforeAll(async () => {
    for (const name of names.toReversed()) await create(maps, configMap(name));
  });

  test('have a kind, a resourceVersion and their items by name, without the kind of each', async () => {
    const { names: seen, metadata, object } = await list();
    expect(seen).toEqual(names);
    expect(metadata).toEqual({ resourceVersion: expect.stringMatching(/^\d+$/) });
    expect(object).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' });
    expect((object as { items: object[] }).items[0]).not.toHaveProperty('kind');
  });

  test('without anything in them have an empty list of items', async () => {
    const { object } = await call('GET', '/api/v1/namespaces/nowhere/configmaps');
    expect(object).toMatchObject({ kind: 'ConfigMapList', items: [] });
  });

  test('come in pages that fit together, and say how much is left', async () => {
    const first = await list('limit=2');
    expect(first.names).toEqual(['a', 'b']);
    expect(first.metadata).toMatchObject({ continue: expect.any(String), remainingItemCount: 3 });
    const second = await list(`limit=2&continue=${first.metadata.continue}`);
    expect(second.names).toEqual(['c', 'd']);
    expect(second.metadata).toMatchObject({ remainingItemCount: 1 });
    const third = await list(`limit=2&continue=${second.metadata.continue}`);
    expect(third.names).toEqual(['e']);
    expect(third.metadata).not.toHaveProperty('continue');
    expect(third.metadata).not.toHaveProperty('remainingItemCount');
  });

  test('go on as they were when the first page was read', async () => {
    const first = await list('limit=2');
    await create(maps, configMap('bb'));
    await create(maps, configMap('f'));
    const rest = await list(`continue=${first.metadata.continue}`);
    expect(rest.names).toEqual(['c', 'd', 'e']);
    expect(rest.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    for (const name of ['bb', 'f']) await call('DELETE', `${maps}/${name}`);
  });

  test('with a selector do not say how much is left', async () => {
    const { metadata } = await list('limit=2&labelSelector=!none');
    expect(metadata).toHaveProperty('continue');
    expect(metadata).not.toHaveProperty('remainingItemCount');
  });

  test('from the cache (resourceVersion=0) come as a whole, whatever the limit', async () => {
    await expect
      .poll(async () => await list('limit=2&resourceVersion=0'), { timeout: 30_000 })
      .toMatchObject({ names });
  });

  test('at an exact resourceVersion are as they were then', async () => {
    const { metadata } = await list();
    await create(maps, configMap('newer'));
    const then = await list(`resourceVersion=${metadata.resourceVersion}&resourceVersionMatch=Exact`);
    expect(then.names).toEqual(names);
    expect(then.metadata.resourceVersion).toBe(metadata.resourceVersion);
    const since = await list(`resourceVersion=${metadata.resourceVersion}&resourceVersionMatch=NotOlderThan`);
    expect(Number(since.metadata.resourceVersion)).toBeGreaterThanOrEqual(Number(metadata.resourceVersion));
    await call('DELETE', `${maps}/newer`);
  });

  test('at a resourceVersion that is too old are 410', async () => {
    const old = await list(`resourceVersion=${forgottenRevision}&resourceVersionMatch=Exact`);
    expect(old.object).toMatchObject({ code: 410, reason: 'Expired', message: expect.any(String) });
    const token = { v: 'meta.k8s.io/v1', rv: forgottenRevision, start: 'a\0' };
    const page = await list(`limit=2&continue=${Buffer.from(JSON.stringify(token)).toString('base64url')}`);
    expect(page.object).toMatchObject({ code: 410, reason: 'Expired' });
  });

  test('at a resourceVersion that is yet to come are a timeout that says so', async () => {
    const { status, object } = await list('resourceVersion=99999999');
    expect(status).toBe(504);
    expect(object).toMatchObject({
      code: 504,
      reason: 'Timeout',
      message: expect.stringMatching(/^Timeout: Too large resource version: 99999999, current: \d+$/),
      details: {
        causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
        retryAfterSeconds: 1,
      },
    });
  });

  test.each([
    ['limit=x', 400],
    ['resourceVersion=x', 400],
    ['continue=x', 400],
    ['resourceVersionMatch=Exact', 422],
    ['resourceVersionMatch=Exact&resourceVersion=0', 422],
    ['resourceVersionMatch=Other&resourceVersion=5', 422],
    ['sendInitialEvents=true', 422],
  ])('with %s are refused with %i', async (query, code) => {
    const { status, object } = await list(query);
    expect([status, (object as { kind?: string }).kind]).toEqual([code, 'Status']);
  });
});

describe.each(inject('apiServers'))('$name: selectors', (server) => {
  const { maps, pods, create, call } = openScope(server, 'contract-select');
  const select = async (path: string, query: string): Promise<string[] | number> => {
    const answer = await call('GET', `${path}?${query}`);
    return answer.status === 200 ? namesIn(answer) : answer.status;
  };

  beforeAll(async () => {
    const labelsOf = {
      none: {},
      web: { app: 'web', tier: 'front' },
      db: { app: 'db' },
      old: { app: 'web', 'x.y/old': '' },
    };
    for (const [name, labels] of Object.entries(labelsOf))
      await create(maps, configMap(name, { metadata: { labels } }));
    await create(pods, pod('on-a', { spec: { nodeName: 'a' } }));
    await create(pods, pod('on-b', { spec: { nodeName: 'b', restartPolicy: 'Never' } }));
    await create(pods, pod('nowhere'));
  });

  test.each([
    ['app=web', ['old', 'web']],
    ['app==web,tier=front', ['web']],
    ['app!=web', ['db', 'none']],
    ['app', ['db', 'old', 'web']],
    ['!app', ['none']],
    ['app in (web, db)', ['db', 'old', 'web']],
    ['app notin (web)', ['db', 'none']],
    ['x.y/old', ['old']],
    ['x.y/old=', ['old']],
    ['app=none', []],
    ['', ['db', 'none', 'old', 'web']],
    ['app=web,', 400],
    ['((', 400],
    ['app in web', 400],
    ['a b', 400],
    ['app=-', 400],
    ['-=app', 400],
  ])('by labels: %s', async (selector, expected) => {
    expect(await select(maps, `labelSelector=${encodeURIComponent(selector)}`)).toEqual(expected);
  });

  test.each([
    ['metadata.name=on-a', ['on-a']],
    ['metadata.name!=on-a', ['nowhere', 'on-b']],
    ['spec.nodeName=b', ['on-b']],
    ['spec.nodeName=', ['nowhere']],
    ['spec.nodeName!=,spec.restartPolicy=Always', ['on-a']],
    ['status.phase=Pending', ['nowhere', 'on-a', 'on-b']],
    ['status.phase==Running', []],
    ['spec.image=x', 400],
    ['metadata.name', 400],
  ])('by fields: %s', async (selector, expected) => {
    expect(await select(pods, `fieldSelector=${encodeURIComponent(selector)}`)).toEqual(expected);
  });

  test('by fields of another kind are refused, and the field is named', async () => {
    const { object } = await call('GET', `${pods}?fieldSelector=spec.image%3Da`);
    expect(object).toMatchObject({ code: 400, reason: 'BadRequest', message: 'field label not supported: spec.image' });
  });
});
