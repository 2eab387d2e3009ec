import { expect, test } from 'vitest';
import { fakeRun } from './fake-run.ts';
import { listKindClusters } from './list.ts';

test('clusters of ours are listed once, whatever number of nodes they have', async () => {
  const { run } = fakeRun({ 'docker ps': 'blackstart-a\nblackstart-a\nblackstart-b\nkind\n' });
  expect(await listKindClusters(run)).toEqual(['blackstart-a', 'blackstart-b']);
});
