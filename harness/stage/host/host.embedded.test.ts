import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { callSocket } from '../node/call-socket.ts';
import { readProcess } from '../node/proc.ts';
import { serveHost } from './host-server.ts';
import { NodeProcess } from './node-process.ts';
import { planCluster } from './plan.ts';
import { lockSubnet, takeSubnet } from './subnet.ts';

let dataDir: string;
let cleanup: (() => unknown)[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'blackstart-host-'));
  cleanup = [() => rmSync(dataDir, { recursive: true })];
});
afterEach(async () => {
  for (const clean of cleanup.toReversed()) await clean();
});

/** A node agent for tests: it starts one "pod", which can be told as one of the node's as with the real agent. */
const agent = `
  import { spawn } from 'node:child_process';
  import { writeFileSync } from 'node:fs';
  const folder = process.argv[process.argv.indexOf('--data') + 1] + '/nodes/' + process.argv[process.argv.indexOf('--node') + 1];
  const env = { ...process.env, BLACKSTART_POD: folder + '/pods/u-1' };
  const pod = spawn('cat', { env, stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  writeFileSync(folder + '/pod', String(pod.pid));
  process.stdin.on('end', () => process.exit()).resume();
`;

interface TestNode {
  readonly node: NodeProcess;
  readonly log: string[];
  /** The pids of agent and pod, as soon as both are there. */
  readonly pids: () => Promise<{ agent: number; pod: number }>;
}

function startNode(): TestNode {
  const program = join(dataDir, 'agent.mjs');
  writeFileSync(program, agent);
  const plan = planCluster({ name: 'x', dataDir, workers: 0 }, 16);
  const log: string[] = [];
  const node = new NodeProcess(plan.nodes[0], dataDir, (line) => log.push(line), program);
  cleanup.push(async () => await node.powerOff());
  return {
    node,
    log,
    pids: async () =>
      await vi.waitFor(() => {
        const pod = Number(readFileSync(join(plan.nodes[0].folder, 'pod'), 'utf8'));
        if (node.pid === undefined || readProcess(pod) === undefined) throw new Error('not yet');
        return { agent: node.pid, pod };
      }, 5_000),
  };
}

/** `T` when it is stopped; undefined when it has ended, whether anybody has asked for its exit code or not. */
function stateOf(pid: number): string | undefined {
  const state = readProcess(pid)?.state;
  return state === 'Z' ? undefined : state;
}

describe('a node', () => {
  it('stands still with all its pods while it is paused, and goes on after that', async () => {
    const { node, pids } = startNode();
    const { agent: agentPid, pod } = await pids();
    await node.pause();
    expect(node.isPaused).toBe(true);
    await vi.waitFor(() => expect([stateOf(agentPid), stateOf(pod)]).toEqual(['T', 'T']));
    await node.unpause();
    expect(node.isPaused).toBe(false);
    await vi.waitFor(() => expect([stateOf(agentPid), stateOf(pod)]).not.toContain('T'));
  });

  it('is started again when it dies, later each time', async () => {
    const { node, log, pids } = startNode();
    const first = await pids();
    process.kill(first.agent, 'SIGKILL');
    await vi.waitFor(() => expect(log).toEqual(['x-control-plane ended (SIGKILL); it starts again in 1 s']));
    await vi.waitFor(() => expect(node.pid).toBeDefined(), 5_000);
    process.kill((await pids()).agent, 'SIGKILL');
    await vi.waitFor(() => expect(log[1]).toBe('x-control-plane ended (SIGKILL); it starts again in 2 s'));
  });

  it('is gone with its pods when the power goes, also when it is paused', async () => {
    const { node, pids } = startNode();
    const { agent: agentPid, pod } = await pids();
    await node.pause();
    await node.powerOff();
    await vi.waitFor(() => expect([stateOf(agentPid), stateOf(pod)]).toEqual([undefined, undefined]));
  });
});

it('leaves no process of a paused node behind when the host is killed', async () => {
  writeFileSync(join(dataDir, 'agent.mjs'), agent);
  const host = `
    const { NodeProcess } = await import(${JSON.stringify(new URL('node-process.ts', import.meta.url).href)});
    const folder = ${JSON.stringify(join(dataDir, 'nodes/n'))};
    const planned = { name: 'n', role: 'worker', address: '127.16.0.2', folder };
    const dataDir = ${JSON.stringify(dataDir)};
    const node = new NodeProcess(planned, dataDir, () => undefined, ${JSON.stringify(join(dataDir, 'agent.mjs'))});
    const { existsSync } = await import('node:fs');
    while (!existsSync(folder + '/pod')) await new Promise((resolve) => setTimeout(resolve, 10));
    await node.pause();
    console.log(node.pid);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', host], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const pids = [Number(line), Number(readFileSync(join(dataDir, 'nodes/n/pod'), 'utf8'))];
  cleanup.push(() => void child.kill('SIGKILL'));
  await vi.waitFor(() => expect(pids.map(stateOf)).toEqual(['T', 'T']), 5_000);
  child.kill('SIGKILL');
  await vi.waitFor(() => expect(pids.map(stateOf)).toEqual([undefined, undefined]), 5_000);
});

it('answers on its socket for nodes, pause, unpause and release', async () => {
  const { node, pids } = startNode();
  await pids();
  const release = vi.fn<() => void>();
  const path = join(dataDir, 'host.sock');
  const server = await serveHost(path, [node], release);
  cleanup.push(() => server.close());
  const call = async (method: string, what: string): Promise<{ status: number; body: unknown }> => {
    const { status, body } = await callSocket(path, method, what);
    return { status, body: JSON.parse(body) };
  };
  expect(await call('POST', '/nodes/x-control-plane/pause')).toMatchObject({ status: 200, body: { paused: true } });
  expect(await call('GET', '/nodes')).toMatchObject({
    body: [{ name: 'x-control-plane', paused: true, pid: node.pid }],
  });
  expect(await call('POST', '/nodes/x-control-plane/unpause')).toMatchObject({ body: { paused: false } });
  expect(await call('POST', '/nodes/other/pause')).toMatchObject({ status: 404 });
  expect(await call('DELETE', '/nodes')).toMatchObject({ status: 404 });
  expect(release).not.toHaveBeenCalled();
  expect(await call('POST', '/release')).toMatchObject({ status: 200 });
  expect(release).toHaveBeenCalledOnce();
});

it('gives a subnet to one cluster only, for as long as its process lives', async () => {
  const subnet = await takeSubnet();
  expect(await lockSubnet(subnet)).toBe(false);
  const other = `
    const { takeSubnet } = await import(${JSON.stringify(new URL('subnet.ts', import.meta.url).href)});
    console.log(await takeSubnet());
    setInterval(() => {}, 1e6);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', other], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  expect(Number(line)).not.toBe(subnet);
  expect(await lockSubnet(Number(line))).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await lockSubnet(Number(line))).toBe(true);
});

it('says why there is no cluster, for programs and for people, and starts nothing', async () => {
  const spec = join(dataDir, 'spec.json');
  const folder = join(dataDir, 'cluster');
  writeFileSync(spec, JSON.stringify({ name: 'x', dataDir: folder, workers: 101 }));
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, '--spec', spec], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [said, log, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  const problem = 'An embedded cluster has at most 100 workers';
  expect(JSON.parse(said)).toEqual({ ready: false, problem, hint: '' });
  expect(log).toContain(problem);
  expect(code).toBe(1);
  expect(existsSync(folder)).toBe(false);
});
