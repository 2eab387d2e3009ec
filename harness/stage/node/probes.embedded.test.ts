import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TestNode } from './testing/test-node.ts';

let node: TestNode;

beforeEach(async () => {
  node = await TestNode.create();
});

afterEach(async () => {
  await node.stop();
});

/** Ends when its standard input closes, as every program here. */
const sleep = 'cat';

/** A port of the node that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, node.address);
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('probes', () => {
  test('ready when the port answers, and not before', async () => {
    await node.start();
    const port = await freePort();
    node.addPod(
      'web',
      sleep,
      {
        ports: [{ name: 'http', containerPort: port }],
        readinessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 1 },
      },
      { hostNetwork: true },
    );
    await node.status('web', { phase: 'Running', containerStatuses: [{ ready: false }] });
    expect(await node.events('Unhealthy')).toEqual([
      expect.stringContaining('Readiness probe failed: connect ECONNREFUSED'),
    ]);
    const server = createServer().listen(port, node.address);
    await node.status('web', { containerStatuses: [{ ready: true }] });
    server.close();
    await node.status('web', { containerStatuses: [{ ready: false }] });
  });

  test('a port that is gone long enough has the process replaced', async () => {
    await node.start();
    const livenessProbe = { tcpSocket: { port: await freePort() }, periodSeconds: 1, failureThreshold: 2 };
    node.addPod('web', sleep, { livenessProbe }, { hostNetwork: true });
    await node.status('web', { containerStatuses: [{ restartCount: 1 }] });
    expect(await node.events('Killing')).toContain('Container main failed liveness probe, will be restarted');
  });

  test('of another kind fails, and says which there are', async () => {
    await node.start();
    node.addPod('web', sleep, { readinessProbe: { exec: { command: ['true'] } } as object });
    expect(await node.events('Unhealthy')).toEqual([
      'Readiness probe failed: this stage has only httpGet and tcpSocket probes',
    ]);
  });
});

test('a host port leads to the pod, and is closed with it', async () => {
  await node.start();
  const hostPort = await freePort();
  const program = `require('http').createServer((q, s) => s.end('from ' + process.env.IP)).listen(8080, process.env.IP)`;
  node.addPod('web', '', {
    image: 'node:24',
    command: ['node', '-e', program],
    args: [],
    env: [{ name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
    ports: [{ containerPort: 8080, hostPort }],
    readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 },
  });
  const { podIP } = await node.status('web', { containerStatuses: [{ ready: true }] });
  const url = `http://${node.address}:${hostPort}/`;
  expect(await (await fetch(url)).text()).toBe(`from ${podIP}`);
  node.api.store.delete('v1/pods', 'default/web', { gracePeriodSeconds: 0 });
  await vi.waitFor(async () => await expect(fetch(url)).rejects.toThrow('fetch failed'), 15_000);
});
