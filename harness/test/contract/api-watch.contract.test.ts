import { describe, expect, inject, test } from 'vitest';
import type { WatchEvent } from '../../stage/client/types.ts';
import { forgottenRevision } from './api-server.ts';
import { configMap, openScope } from './api-scope.ts';

/** Changes as they are told. */
describe.each(inject('apiServers'))('$name: watch', (server) => {
  const { maps, create, call, patch, watch } = openScope(server, 'contract-watch');

  /** The first `count` events of a watch, each within the test's time. */
  const take = async (query: string, count: number, path = maps): Promise<WatchEvent[]> => {
    const over = new AbortController();
    const events: WatchEvent[] = [];
    try {
      for await (const event of watch(`${path}?watch=true&${query}`, over.signal)) {
        events.push(event);
        if (events.length === count) break;
      }
      return events;
    } finally {
      over.abort();
    }
  };
  const revision = async (): Promise<string> => (await call('GET', maps)).object.metadata.resourceVersion ?? '';

  test('tells everything since a resourceVersion, in order, with the object as it was then', async () => {
    const since = await revision();
    await create(maps, configMap('a', { data: { k: '1' } }));
    await patch('merge', `${maps}/a`, { data: { k: '2' } });
    await create(maps, configMap('b'));
    await call('DELETE', `${maps}/a`);
    const events = await take(`resourceVersion=${since}`, 4);
    expect(events.map(({ type, object }) => [type, object.metadata.name, object['data']])).toEqual([
      ['ADDED', 'a', { k: '1' }],
      ['MODIFIED', 'a', { k: '2' }],
      ['ADDED', 'b', undefined],
      ['DELETED', 'a', { k: '2' }],
    ]);
    const revisions = events.map(({ object }) => Number(object.metadata.resourceVersion));
    expect(revisions).toEqual(revisions.toSorted((one, other) => one - other));
    expect(new Set(revisions).size).toBe(4);
    expect(events[0]?.object).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
  });

  test('begins after the resourceVersion of any event', async () => {
    const since = await revision();
    await create(maps, configMap('after-1'));
    await create(maps, configMap('after-2'));
    const [first] = await take(`resourceVersion=${since}`, 1);
    const [second] = await take(`resourceVersion=${first?.object.metadata.resourceVersion}`, 1);
    expect(second?.object.metadata.name).toBe('after-2');
  });

  test('tells a change that comes later', async () => {
    const query = `fieldSelector=metadata.name%3Dlater&resourceVersion=${await revision()}`;
    const coming = take(query, 1);
    await create(maps, configMap('later'));
    expect(await coming).toMatchObject([{ type: 'ADDED', object: { metadata: { name: 'later' } } }]);
  });

  test.each(['', 'resourceVersion=0&'])('without a moment (%j) begins with what is there', async (moment) => {
    await create(`${maps}?x=${moment}`, configMap(`there-${moment.length}`));
    const events = await take(`${moment}labelSelector=!none&fieldSelector=metadata.name%3Dthere-${moment.length}`, 1);
    expect(events).toMatchObject([{ type: 'ADDED', object: { metadata: { name: `there-${moment.length}` } } }]);
  });

  test('with sendInitialEvents ends what is there with a bookmark that says so', async () => {
    await create(maps, configMap('initial', { metadata: { labels: { set: 'initial' } } }));
    const query =
      'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=set%3Dinitial';
    const [added, bookmark] = await take(query, 2);
    expect(added).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'initial' } } });
    expect(bookmark).toMatchObject({
      type: 'BOOKMARK',
      object: {
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: {
          annotations: { 'k8s.io/initial-events-end': 'true' },
          resourceVersion: expect.stringMatching(/^\d+$/),
        },
      },
    });
    expect(Number(bookmark?.object.metadata.resourceVersion)).toBeGreaterThanOrEqual(
      Number(added?.object.metadata.resourceVersion),
    );
  });

  test('shows an object that begins or ceases to match as added or deleted', async () => {
    const since = await revision();
    await create(maps, configMap('moving', { metadata: { labels: { in: 'no' } } }));
    await patch('merge', `${maps}/moving`, { metadata: { labels: { in: 'yes' } } });
    await patch('merge', `${maps}/moving`, { data: { k: '1' } });
    await patch('merge', `${maps}/moving`, { metadata: { labels: { in: 'no' } } });
    const events = await take(`resourceVersion=${since}&labelSelector=in%3Dyes`, 3);
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    // The object is the one that still matched, at the moment at which it ceased to.
    expect(events[2]?.object).toMatchObject({ metadata: { labels: { in: 'yes' } }, data: { k: '1' } });
    expect(Number(events[2]?.object.metadata.resourceVersion)).toBeGreaterThan(
      Number(events[1]?.object.metadata.resourceVersion),
    );
  });

  test('of one namespace hears nothing of others', async () => {
    const since = await revision();
    await create('/api/v1/namespaces/default/configmaps', configMap('contract-watch-other'));
    await create(maps, configMap('own'));
    const events = await take(`resourceVersion=${since}`, 1);
    expect(events[0]?.object.metadata.name).toBe('own');
    const all = await take(`resourceVersion=${since}&labelSelector=!none`, 2, '/api/v1/configmaps');
    const names = all.map(({ object }) => object.metadata.name);
    expect(names).toContain('contract-watch-other');
  });

  test('is for collections: a read of one object is none, whatever the query says', async () => {
    await create(maps, configMap('single'));
    const { status, object } = await call('GET', `${maps}/single?watch=true&timeoutSeconds=1`);
    expect([status, object]).toMatchObject([200, { kind: 'ConfigMap', metadata: { name: 'single' } }]);
  });

  test('says 410 inside the stream when the moment is too old', async () => {
    const events = await take(`resourceVersion=${forgottenRevision - 1}`, 1);
    expect(events).toMatchObject([
      {
        type: 'ERROR',
        object: {
          kind: 'Status',
          status: 'Failure',
          reason: 'Expired',
          code: 410,
          message: expect.stringMatching(/^too old resource version: 4 \(\d+\)$/),
        },
      },
    ]);
  });

  test('ends when its time is over', async () => {
    expect(
      await take(`resourceVersion=${await revision()}&fieldSelector=metadata.name%3Dnone&timeoutSeconds=1`, 1),
    ).toEqual([]);
  });

  test.each([
    ['resourceVersionMatch=NotOlderThan', 422],
    ['sendInitialEvents=true', 422],
    ['sendInitialEvents=true&resourceVersionMatch=Exact', 422],
    ['labelSelector=((', 400],
    ['fieldSelector=spec.x%3Dy', 400],
  ])('with %s is refused with %i before anything is sent', async (query, code) => {
    const { status, object } = await call('GET', `${maps}?watch=true&timeoutSeconds=1&${query}`);
    expect([status, object['kind']]).toEqual([code, 'Status']);
  });
});
