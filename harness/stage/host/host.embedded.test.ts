import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readProcess } from '../node/proc.ts';
import { serveHost } from './host-server.ts';
import { NodeProcess } from './node-process.ts';
import { watchOwner } from './owner.ts';
import { planCluster } from './plan.ts';
import { takeSubnet } from './subnet.ts';

let dataDir: string;
let cleanup: (() => unknown)[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'blackstart-host-'));
  cleanup = [() => rmSync(dataDir, { recursive: true })];
});
afterEach(async () => {
  for (const clean of cleanup.toReversed()) await clean();
});

/** A node agent for tests: it starts one "pod" and writes it down as the real one does. */
const agent = `
  import { spawn } from 'node:child_process';
  import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
  const folder = process.argv[process.argv.indexOf('--data') + 1] + '/nodes/' + process.argv[process.argv.indexOf('--node') + 1];
  const pod = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  mkdirSync(folder + '/pids', { recursive: true });
  const stat = readFileSync('/proc/' + pod.pid + '/stat', 'utf8');
  writeFileSync(folder + '/pids/' + pod.pid, stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
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
  const node = new NodeProcess({ node: plan.nodes[0], dataDir, program, log: (line) => log.push(line) });
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
    const node = new NodeProcess({
      node: { name: 'n', role: 'worker', index: 1, address: '127.16.0.2', folder },
      dataDir: ${JSON.stringify(dataDir)}, program: ${JSON.stringify(join(dataDir, 'agent.mjs'))}, log: () => undefined });
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

it('answers on its socket for nodes, pause, unpause, release and shutdown', async () => {
  const { node, pids } = startNode();
  await pids();
  const shutdown = vi.fn<() => void>();
  const release = vi.fn<() => void>();
  const path = join(dataDir, 'host.sock');
  const server = await serveHost({ path, nodes: [node], shutdown, release });
  cleanup.push(() => server.close());
  expect(await call(path, 'POST', '/nodes/x-control-plane/pause')).toMatchObject({
    status: 200,
    body: { paused: true },
  });
  expect(await call(path, 'GET', '/nodes')).toMatchObject({
    body: [{ name: 'x-control-plane', paused: true, pid: node.pid }],
  });
  expect(await call(path, 'POST', '/nodes/x-control-plane/unpause')).toMatchObject({ body: { paused: false } });
  expect(await call(path, 'POST', '/nodes/other/pause')).toMatchObject({ status: 404 });
  expect(await call(path, 'DELETE', '/nodes')).toMatchObject({ status: 404 });
  expect(await call(path, 'POST', '/release')).toMatchObject({ status: 200 });
  expect(release).toHaveBeenCalledOnce();
  expect(shutdown).not.toHaveBeenCalled();
  expect(await call(path, 'POST', '/shutdown')).toMatchObject({ status: 200 });
  await vi.waitFor(() => expect(shutdown).toHaveBeenCalledOnce());
});

it('gives a subnet to one cluster only, for as long as its process lives', async () => {
  const random = { next: Math.random, pick: () => undefined };
  const { subnet, release } = await takeSubnet(undefined, random);
  cleanup.push(release);
  await expect(takeSubnet(subnet, random)).rejects.toMatchObject({ code: 'environment' });
  const other = `
    const { takeSubnet } = await import(${JSON.stringify(new URL('subnet.ts', import.meta.url).href)});
    console.log((await takeSubnet(undefined, { next: Math.random })).subnet);
    setInterval(() => {}, 1e6);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', other], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  expect(Number(line)).not.toBe(subnet);
  await expect(takeSubnet(Number(line), random)).rejects.toMatchObject({ code: 'environment' });
  child.kill('SIGKILL');
  await once(child, 'exit');
  const taken = await takeSubnet(Number(line), random);
  taken.release();
});

it('notices that its owner is gone', async () => {
  const owner = spawn('cat');
  const onGone = vi.fn<() => void>();
  cleanup.push(watchOwner(owner.pid ?? -1, onGone));
  owner.kill('SIGKILL');
  await vi.waitFor(() => expect(onGone).toHaveBeenCalledOnce(), 5_000);
});

it('says what is wrong with a spec, and starts nothing', async () => {
  const spec = join(dataDir, 'spec.json');
  writeFileSync(spec, JSON.stringify({ name: 'x', dataDir, workers: -1 }));
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, '--spec', spec], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect(JSON.parse(said)).toEqual({ ready: false, problem: '--spec: workers: 0 to 100' });
  expect(code).toBe(1);
});

async function call(socketPath: string, method: string, path: string): Promise<{ status: number; body: unknown }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: unknown }>();
  request({ socketPath, method, path }, (answer) => {
    text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body: JSON.parse(body) }), reject);
  })
    .on('error', reject)
    .end();
  return await promise;
}
