import { expect, test } from 'vitest';
import { nodeContainers, parseContainers } from './containers.ts';
import { fakeRun } from './fake-run.ts';

const inspected = (id: string, createdAt: string, state: string, startedAt: string): string =>
  JSON.stringify({
    id,
    metadata: { name: 'kube-apiserver', attempt: 2 },
    state,
    createdAt,
    startedAt,
    labels: { 'io.kubernetes.pod.name': 'kube-apiserver-n', 'io.kubernetes.pod.namespace': 'kube-system' },
    mounts: [],
  });

test('containers come newest first, also when a fraction of a second is written shorter', () => {
  const text = [
    inspected('aa', '2026-11-22T16:24:25.46Z', 'CONTAINER_EXITED', '2026-11-22T16:24:25.5Z'),
    inspected('bb', '2026-11-22T16:24:25.460386661Z', 'CONTAINER_RUNNING', '2026-11-22T16:24:26Z'),
    '',
  ].join('\n\n');
  expect(parseContainers(text)).toEqual([
    {
      id: 'bb',
      name: 'kube-apiserver',
      pod: 'kube-apiserver-n',
      namespace: 'kube-system',
      attempt: 2,
      state: 'running',
      startedAt: '2026-11-22T16:24:26Z',
    },
    expect.objectContaining({ id: 'aa', state: 'exited' }),
  ]);
});

test('a container that never ran has no start time', () => {
  const text = inspected('aa', '2026-11-22T16:24:25Z', 'CONTAINER_CREATED', '0001-01-01T00:00:00Z');
  expect(parseContainers(text)[0]).toMatchObject({ state: 'created', startedAt: '' });
});

test('a name or id with anything but plain characters never reaches a node', async () => {
  const { run, calls } = fakeRun({});
  const containers = nodeContainers('n', run);
  await expect(containers.find('a;b')).rejects.toMatchObject({ code: 'internal' });
  await expect(containers.stop('--all')).rejects.toMatchObject({ code: 'internal' });
  expect(calls).toEqual([]);
});

test('a container is frozen only when it has processes and all of them stand still', async () => {
  const states = ['State:\tT (stopped)\n', 'State:\tT (stopped)\nState:\tS (sleeping)\n', ''];
  const { run } = fakeRun({ 'docker exec n': () => states.shift() ?? '' });
  const containers = nodeContainers('n', run);
  const id = 'be94bf31cae5';
  expect([await containers.isFrozen?.(id), await containers.isFrozen?.(id), await containers.isFrozen?.(id)]).toEqual([
    true,
    false,
    false,
  ]);
});
