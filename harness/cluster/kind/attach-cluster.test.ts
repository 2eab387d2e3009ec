import { expect, test } from 'vitest';
import { writeMark } from '../ownership.ts';
import { ourNodes } from './attach-cluster.ts';
import { fakeRun } from './fake-run.ts';

const wants = { workers: 1, coreDns: 'workers', nodePorts: [9500] } as const;

function docker(mark: string, status = 'running'): ReturnType<typeof fakeRun> {
  const node = (name: string, role: string): unknown => ({
    Name: `/blackstart-a-${name}`,
    State: { Status: status },
    Config: { Image: 'i', Labels: { 'io.x-k8s.kind.role': role } },
    NetworkSettings: {
      Ports: { '9500/tcp': [{ HostIp: '127.0.0.1', HostPort: '32768' }] },
      Networks: { kind: { IPAddress: '172.18.0.3' } },
    },
  });
  return fakeRun({
    'docker ps --all --quiet': 'abc\ndef\n',
    'docker inspect': JSON.stringify([node('control-plane', 'control-plane'), node('worker', 'worker')]),
    'docker exec': mark,
  });
}

test('a cluster with our mark is ours', async () => {
  const { run } = docker(writeMark('blackstart-a', new Date(0)));
  expect(await ourNodes('blackstart-a', wants, run)).toHaveLength(2);
});

test('a cluster with our prefix but without our mark is foreign', async () => {
  const { run } = docker('');
  await expect(ourNodes('blackstart-a', wants, run)).rejects.toMatchObject({ code: 'foreign-cluster' });
});

test('a cluster without our prefix is foreign, and Docker is not even asked', async () => {
  const { run, calls } = docker(writeMark('prod', new Date(0)));
  await expect(ourNodes('prod', wants, run)).rejects.toMatchObject({ code: 'foreign-cluster' });
  expect(calls).toEqual([]);
});

test('for a cluster that is not there, the error names those that are', async () => {
  const { run } = fakeRun({
    'docker ps --all --filter': 'blackstart-b\nkind\n',
  });
  await expect(ourNodes('blackstart-a', wants, run)).rejects.toMatchObject({
    code: 'usage',
    hint: 'There are: blackstart-b.',
  });
});

test('a cluster with a paused node is refused with the command that continues it', async () => {
  const { run } = docker(writeMark('blackstart-a', new Date(0)), 'paused');
  await expect(ourNodes('blackstart-a', wants, run)).rejects.toMatchObject({
    code: 'cluster',
    hint: 'docker unpause blackstart-a-control-plane',
  });
});

test('a cluster that does not fit is refused with everything that is wrong', async () => {
  const { run } = docker(writeMark('blackstart-a', new Date(0)));
  await expect(ourNodes('blackstart-a', { ...wants, workers: 2, nodePorts: [1] }, run)).rejects.toThrow(
    'it has 1 workers, not 2; port 1 of its workers is not published',
  );
});
