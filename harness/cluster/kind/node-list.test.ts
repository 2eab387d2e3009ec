import { expect, test } from 'vitest';
import { fakeRun } from './fake-run.ts';
import { listNodes, parseNodes } from './node-list.ts';

const inspected = (name: string, role: string, ports: Readonly<Record<string, unknown>> | null): unknown => ({
  Name: `/${name}`,
  State: { Status: 'running' },
  Config: { Image: 'kindest/node:v1', Labels: { 'io.x-k8s.kind.role': role } },
  NetworkSettings: { Ports: ports, Networks: { kind: { IPAddress: '172.18.0.3' } } },
});

test('nodes come with role, address and published ports; the control plane first, a load balancer never', () => {
  const bound = { '9500/tcp': [{ HostIp: '127.0.0.1', HostPort: '32768' }], '9520/tcp': null };
  const nodes = parseNodes(
    JSON.stringify([
      inspected('c-worker10', 'worker', null),
      inspected('c-worker2', 'worker', bound),
      inspected('c-external-load-balancer', 'external-load-balancer', {}),
      inspected('c-control-plane', 'control-plane', {}),
    ]),
  );
  expect(nodes.map((node) => node.name)).toEqual(['c-control-plane', 'c-worker2', 'c-worker10']);
  expect([...(nodes[1]?.ports ?? [])]).toEqual([[9500, '127.0.0.1:32768']]);
  expect(nodes[1]).toMatchObject({ role: 'worker', address: '172.18.0.3', state: 'running' });
});

test('a cluster without containers has no nodes, and nothing is inspected', async () => {
  const { run, calls } = fakeRun({ 'docker ps': '' });
  expect(await listNodes('blackstart-a', run)).toEqual([]);
  expect(calls).toHaveLength(1);
});
