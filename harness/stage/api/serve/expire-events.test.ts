import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openObjectStore } from '../store/object-store.ts';
import { expireEvents } from './expire-events.ts';

test('events go an hour after they were last seen', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'blackstart-events-'));
  const store = openObjectStore(join(folder, 'store.sqlite'), 100);
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });
  await store.load();
  const put = (name: string, fields: object): void => {
    const metadata = { name, namespace: 'default', creationTimestamp: '2026-01-01T00:00:00Z' };
    const event = { apiVersion: 'v1', kind: 'Event', metadata, ...fields };
    store.write({ resource: 'events', namespace: 'default', name }, () => event);
  };
  put('old', {});
  put('old-but-seen-again', { lastTimestamp: '2026-01-01T01:30:00Z' });
  put('not-a-time', { lastTimestamp: 5 });
  expireEvents({ store, now: () => new Date('2026-01-01T02:00:00Z') });
  expect(store.list('events').map(({ metadata }) => metadata.name)).toEqual(['not-a-time', 'old-but-seen-again']);
});
