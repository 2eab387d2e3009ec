import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { callSocket } from './call-socket.ts';
import { isRunning, signalGroup } from './proc.ts';
import type { ContainerInfo } from './control.ts';

/** No API is there: a node works without. */
const kubeconfig = JSON.stringify({
  'current-context': 'c',
  contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
  users: [{ name: 'u', user: {} }],
});

const patience = { timeout: 15_000, interval: 20 };
let data: string;
let folder: string;
let agents: ChildProcess[];
let pids: number[];

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'blackstart-main-'));
  folder = join(data, 'nodes', 'n1');
  agents = [];
  pids = [];
  mkdirSync(join(folder, 'manifests'), { recursive: true });
  writeFileSync(join(folder, 'kubelet.conf'), kubeconfig);
});

afterEach(() => {
  for (const agent of agents) agent.kill('SIGKILL');
  for (const pid of pids) if (isRunning(pid)) signalGroup(pid, 'SIGKILL');
  rmSync(data, { recursive: true });
});

function start(...args: string[]): ChildProcess {
  const flags = ['--node', 'n1', '--data', data, '--address', '127.9.0.1', '--role', 'control-plane'];
  const argv = [resolve(import.meta.dirname, 'main.ts'), ...(args.length > 0 ? args : flags)];
  const agent = spawn(process.execPath, argv, { stdio: ['pipe', 'ignore', 'pipe'] });
  agents.push(agent);
  return agent;
}

/** A static pod whose Node program knows nothing of us and ignores SIGTERM. */
function writeStatic(): void {
  const program = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`;
  const spec = {
    hostNetwork: true,
    containers: [{ name: 'main', image: 'node:24', command: ['node', '-e', program] }],
  };
  const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'api' }, spec };
  writeFileSync(join(folder, 'manifests', 'api.yaml'), JSON.stringify(manifest));
}

async function control(method: string, path: string, body: object = {}): Promise<string> {
  return (await callSocket(join(folder, 'control.sock'), method, path, { body: JSON.stringify(body) })).body;
}

/** The container, once it runs. */
async function running(otherThan?: ContainerInfo): Promise<ContainerInfo> {
  const found = await vi.waitFor(async () => {
    const [newest] = JSON.parse(await control('GET', '/containers?name=main')) as ContainerInfo[];
    expect(newest).toMatchObject({ state: 'running' });
    expect(newest?.id).not.toBe(otherThan?.id);
    return newest as ContainerInfo;
  }, patience);
  pids.push(found.pid);
  return found;
}

const ended = async (pid: number): Promise<void> => {
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), patience);
};

describe('a node ends with all its pods and its socket', () => {
  test.each([
    ['when its standard input closes', (agent: ChildProcess) => agent.stdin?.end()],
    ['on SIGTERM', (agent: ChildProcess) => agent.kill('SIGTERM')],
  ])('%s', async (_, stop) => {
    writeStatic();
    const agent = start();
    const { id, pid } = await running();
    await control('POST', `/containers/${id}/freeze`, { withinMs: 3_600_000, timer: 't' });
    stop(agent);
    expect(await once(agent, 'exit')).toEqual([0, null]);
    await ended(pid);
    expect(readdirSync(folder)).not.toContain('control.sock');
  });
});

test('when the agent is killed its pods end by themselves; the next one starts them again and counts on', async () => {
  writeStatic();
  const agent = start();
  const before = await running();
  agent.kill('SIGKILL');
  await ended(before.pid);
  start();
  expect((await running(before)).attempt).toBe(1);
});

test('what a killed agent left behind because it stood still is ended by the next one; timers are carried out', async () => {
  writeStatic();
  const agent = start();
  const before = await running();
  await control('POST', `/containers/${before.id}/freeze`, { withinMs: 3_600_000, timer: 'freeze' });
  await control('POST', '/static-pods/api/park', { withinMs: 3_600_000, timer: 'park' });
  await control('POST', '/static-pods/api/restore');
  const frozen = await running(before);
  await control('POST', `/containers/${frozen.id}/freeze`, { withinMs: 0, timer: 'soon' });
  await control('POST', `/containers/${frozen.id}/freeze`, { withinMs: 3_600_000, timer: 'freeze' });
  agent.kill('SIGKILL');
  await once(agent, 'exit');
  start();
  await ended(frozen.pid);
  await running(frozen);
  const names = JSON.parse(await control('GET', '/timers')) as string[];
  expect(names.toSorted()).toEqual(['freeze', 'park']);
});

test('wrong arguments are told', async () => {
  const agent = start('--node', 'n1');
  const [said, [code]] = await Promise.all([
    text(agent.stderr as NonNullable<typeof agent.stderr>),
    once(agent, 'exit'),
  ]);
  expect(said).toContain('--node, --data, --address and --role');
  expect(code).toBe(1);
});
