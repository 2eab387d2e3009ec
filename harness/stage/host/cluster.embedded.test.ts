import { spawn, type ChildProcess } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readKubeconfig } from '../client/kubeconfig.ts';
import { openClient } from '../client/open-client.ts';
import { resources } from '../client/resources.ts';
import type { KubeObject, StageClient } from '../client/types.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
/** A busy machine may take this long; a quiet one takes a twentieth of it. */
const patience = { timeout: 60_000, interval: 100 };

let dataDir: string;
let cleanup: (() => unknown)[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'blackstart-cluster-'));
  cleanup = [() => rmSync(dataDir, { recursive: true })];
});
afterEach(async () => {
  for (const clean of cleanup.toReversed()) await clean();
});

describe.skipIf(!(await mayOpenPort53()))('a cluster', { timeout: 150_000 }, () => {
  it('comes up, starts again whatever is killed, loses no object, and leaves nothing when it is told to end', async () => {
    const { host, client, subnet } = await up({ workers: 1 });
    const nodes = await client.list(resources.nodes);
    expect(nodes.items.map(({ metadata }) => metadata.name).toSorted()).toEqual(['x-control-plane', 'x-worker']);

    const dns = new Resolver();
    dns.setServers([`127.${subnet}.200.10`]);
    expect(await dns.resolve4('kubernetes.default.svc.cluster.local')).toEqual([`127.${subnet}.200.1`]);

    const commands = commandsOf(dataDir);
    expect(commands.length).toBeGreaterThanOrEqual(6);
    const written: string[] = [];
    for (const [index, command] of commands.entries()) {
      written.push(await write(client, `before-${index}`));
      const victim = processesOf(dataDir).find((one) => one.command === command)?.pid ?? 0;
      process.kill(victim, 'SIGKILL');
      await vi.waitFor(() => {
        expect(commandsOf(dataDir), `after ${command} was killed`).toEqual(commands);
        expect(processesOf(dataDir).map(({ pid }) => pid)).not.toContain(victim);
      }, patience);
      // What was not acknowledged may be there or not, so every try has a name of its own.
      let tries = 0;
      await vi.waitFor(async () => written.push(await write(client, `after-${index}-${tries++}`)), patience);
      await vi.waitFor(async () => {
        expect((await client.list(resources.nodes)).items.map(isReady)).toEqual([true, true]);
        expect(await dns.resolve4('kubernetes.default.svc.cluster.local')).toEqual([`127.${subnet}.200.1`]);
      }, patience);
      const { items } = await client.list(resources.configMaps, { namespace: 'default' });
      expect(items.map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining(written));
    }

    host.kill('SIGTERM');
    expect(await once(host, 'exit')).toEqual([0, null]);
    expect(processesOf(dataDir)).toEqual([]);
    expect(readdirSync(dataDir, { recursive: true }).filter((name) => String(name).endsWith('.sock'))).toEqual([]);
    expect(existsSync(join(dataDir, 'host.json'))).toBe(false);
  });

  it('locks its admin out when the binding of kubeadm:cluster-admins goes, and the break-glass credential in', async () => {
    const { client } = await up({ workers: 0 });
    const breakGlass = connect('super-admin.conf');
    const admins = await breakGlass.get(resources.clusterRoleBindings, undefined, 'kubeadm:cluster-admins');
    expect((await client.list(resources.nodes)).items).toHaveLength(1);
    await client.delete(resources.clusterRoleBindings, { name: 'kubeadm:cluster-admins' });
    await expect(client.list(resources.nodes)).rejects.toMatchObject({ code: 403 });
    expect((await breakGlass.list(resources.nodes)).items).toHaveLength(1);
    const { resourceVersion: _, uid: _uid, creationTimestamp: _at, ...metadata } = admins?.metadata ?? { name: '' };
    await breakGlass.create(resources.clusterRoleBindings, { ...(admins as KubeObject), metadata });
    expect((await client.list(resources.nodes)).items).toHaveLength(1);
  });

  it('ends within 10 s when its host is killed', async () => {
    const { host } = await up({ workers: 0 });
    host.kill('SIGKILL');
    await vi.waitFor(() => expect(processesOf(dataDir)).toEqual([]), { timeout: 10_000, interval: 100 });
  });

  it('ends within 10 s when its owner is gone', async () => {
    const owner = spawn('cat');
    const { host } = await up({ workers: 0, ownerPid: owner.pid ?? 0 });
    const exited = once(host, 'exit', { signal: AbortSignal.timeout(10_000) });
    owner.kill('SIGKILL');
    expect(await exited).toEqual([0, null]);
    expect(processesOf(dataDir)).toEqual([]);
  });
});

interface Up {
  readonly host: ChildProcess;
  readonly client: StageClient;
  readonly subnet: number;
}

async function up(spec: { workers: number; ownerPid?: number }): Promise<Up> {
  const file = join(dataDir, 'spec.json');
  writeFileSync(file, JSON.stringify({ name: 'x', dataDir, ...spec }));
  const host = spawn(process.execPath, [main, '--spec', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  cleanup.push(async () => {
    const exited = host.exitCode === null && host.signalCode === null ? once(host, 'exit') : undefined;
    host.kill('SIGTERM');
    await exited;
  });
  const all = text(host.stdout);
  const line = await Promise.race([once(host.stdout, 'data').then(([chunk]) => String(chunk)), all]);
  expect(JSON.parse(line)).toMatchObject({ ready: true, name: 'x', dataDir });
  return { host, client: connect('admin.conf'), subnet: (JSON.parse(line) as { subnet: number }).subnet };
}

function connect(file: string): StageClient {
  const client = openClient({ ...readKubeconfig(join(dataDir, file)), userAgent: 'test' });
  cleanup.push(() => client.close());
  return client;
}

/** Every process but the host that has the cluster's folder in its arguments. */
function processesOf(folder: string): { pid: number; command: string }[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .map((name) => ({ pid: Number(name), command: commandOf(name) }))
    .filter(({ command }) => command.includes(folder) && !command.includes('host/main.ts'));
}

function commandsOf(folder: string): string[] {
  return processesOf(folder)
    .map(({ command }) => command)
    .toSorted();
}

/** Writes an object; its name when that was acknowledged. */
async function write(client: StageClient, name: string): Promise<string> {
  await client.create(resources.configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default' },
    data: { name },
  });
  return name;
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

function isReady({ status }: KubeObject): boolean {
  const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
}

async function mayOpenPort53(): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(53, '127.250.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
