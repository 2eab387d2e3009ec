import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { pasteable, run } from '../../core/command.ts';
import { poll } from '../../core/poll.ts';
import type { Change } from '../../undo/change.ts';
import type { Cluster, ClusterContext } from '../cluster.ts';
import { doctor } from './doctor.ts';
import { withRaisedLimits } from '../raised-limits.ts';
import { secondApiServerManifest } from '../second-api-server.ts';
import { embeddedBackend } from './embedded-backend.ts';
import { readHost, stateFolder } from './state-folder.ts';

const lowPorts = (await doctor()).every((check) => check.status === 'ok');
if (!lowPorts) process.stderr.write('Skipped: embedded clusters cannot run on this machine, see `doctor`.\n');

const wants = { workers: 1, coreDns: 'workers', nodePorts: [] } as const;
const name = 'blackstart-backend-test';
const context: ClusterContext = {
  emit: () => undefined,
  signal: new AbortController().signal,
  runFolder: tmpdir(),
};

describe.runIf(lowPorts)('an embedded cluster', () => {
  let root: string;
  let change: Change;
  let cluster: Cluster;
  const backend = (): ReturnType<typeof embeddedBackend> => embeddedBackend({ clock: systemClock, stateFolder: root });

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'bs-'));
    const made = backend().create({ name, ...wants }, context);
    change = made.change;
    await change.snapshot();
    await change.apply();
    cluster = await made.attach();
    await cluster.settle();
  }, 90_000);

  afterAll(async () => {
    await run(change.undo.argv);
    rmSync(root, { recursive: true, force: true });
  }, 60_000);

  const ready = async (want: boolean): Promise<void> => {
    const what = want ? 'the API' : 'the API to be gone';
    const asked = async (): Promise<true | undefined> => ((await cluster.api.ready()) === want ? true : undefined);
    await poll(asked, { clock: systemClock, intervalMs: 50, timeoutMs: 60_000, what });
  };

  test('has its nodes, its CoreDNS on the worker, and Chaos Mesh built in', async () => {
    expect(cluster.nodes.map(({ role }) => role)).toEqual(['control-plane', 'worker']);
    expect(cluster.chaosMesh).toBe('embedded');
    const pods = await cluster.api.list({ apiVersion: 'v1', kind: 'Pod', labelSelector: 'k8s-app=kube-dns' });
    const living = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    expect(living.map(({ spec }) => spec?.['nodeName'])).toEqual([`${name}-worker`]);
  });

  test('is listed, taken again by name, and refused where it does not fit', async () => {
    expect(await backend().list()).toEqual([name]);
    await backend().assertOurs(name, wants);
    await expect(backend().assertOurs(name, { ...wants, workers: 2 })).rejects.toMatchObject({ code: 'usage' });
    await expect(backend().assertOurs('blackstart-other', wants)).rejects.toMatchObject({ code: 'usage' });
    await expect(backend().assertOurs('prod', wants)).rejects.toMatchObject({ code: 'foreign-cluster' });
  });

  test('deletes what a label selects, as the undo of the telemetry does', async () => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace' } as const;
    await cluster.api.create({ ...namespace, metadata: labeled('mine', 'true') });
    await cluster.api.create({ ...namespace, metadata: labeled('not-mine', 'false') });
    await run([...cluster.kubectl, 'delete', 'nodes,namespaces', '-l', 'blackstart.dev/telemetry=true', '--wait=true']);
    expect(await cluster.api.get({ ...namespace, name: 'mine' })).toBeUndefined();
    expect(await cluster.api.get({ ...namespace, name: 'not-mine' })).toBeDefined();
  });

  test('parks its API server and restores it from the undo alone', async () => {
    const park = cluster.nodes[0]!.staticPods.park('kube-apiserver', 120_000);
    await park.snapshot();
    await park.apply();
    await ready(false);
    expect((await park.verify()).map(({ what }) => what)).toEqual([
      expect.stringContaining('its manifest is missing'),
      expect.stringContaining('parked'),
      expect.stringContaining('timer'),
    ]);
    await run(park.undo.argv);
    await run(park.undo.argv);
    await ready(true);
    expect(await park.verify()).toEqual([]);
  }, 90_000);

  test('adds a second API server, which serves what the first one does, and takes it away from the undo alone', async () => {
    const { staticPods } = cluster.nodes[0]!;
    const second = secondApiServerManifest(await staticPods.read('kube-apiserver'));
    const add = staticPods.add('kube-apiserver-second', second, 120_000);
    await add.snapshot();
    await add.apply();
    const door = { credential: 'break-glass', via: 'loopback', port: 7443 } as const;
    const path = '/api/v1/namespaces/kube-system/configmaps/coredns';
    const ask = async (port: number | null): Promise<number> =>
      (await cluster.callApi({ ...door, port }, { method: 'GET', path }, 2_000)).status;
    await vi.waitFor(async () => expect(await ask(7443)).toBe(200), { timeout: 15_000, interval: 100 });
    const body = { metadata: { annotations: { written: 'through the second' } } };
    const contentType = 'application/merge-patch+json';
    await cluster.callApi(door, { method: 'PATCH', path, body, contentType }, 2_000);
    // Each has its own memory of one store: it knows of the other's writes within some milliseconds.
    const read = async (): Promise<string> =>
      (await cluster.callApi({ ...door, port: null }, { method: 'GET', path }, 2_000)).body;
    await vi.waitFor(async () => expect(await read()).toContain('through the second'), {
      timeout: 5_000,
      interval: 20,
    });
    expect((await add.verify()).map(({ what }) => what)).toEqual([
      expect.stringContaining('static pod kube-apiserver-second'),
      expect.stringContaining('timer'),
    ]);
    await expect(add.snapshot()).rejects.toThrow('There is already a static pod');
    await run(add.undo.argv);
    await run(add.undo.argv);
    expect(await add.verify()).toEqual([]);
    await expect(ask(7443)).rejects.toThrow('ECONNREFUSED');
    expect(await ask(null)).toBe(200);
  }, 60_000);

  test('gives the API server other limits and takes them back from the undo alone', async () => {
    const { staticPods, containers } = cluster.nodes[0]!;
    const running = async (): Promise<string | undefined> =>
      (await containers.find('kube-apiserver')).find(({ state }) => state === 'running')?.id;
    const before = await running();
    const first = await staticPods.read('kube-apiserver');
    const replace = staticPods.replace('kube-apiserver', withRaisedLimits(first, 10), 60_000);
    await replace.snapshot();
    await replace.apply();
    expect(await staticPods.read('kube-apiserver')).toContain('--max-requests-inflight=4000');
    await vi.waitFor(async () => expect(await cluster.api.ready()).toBe(true), { timeout: 15_000, interval: 100 });
    expect(await running()).not.toBe(before);
    expect((await replace.verify()).map(({ what }) => what)).toEqual([
      expect.stringContaining('its manifest is not what it was'),
      expect.stringContaining('parked'),
      expect.stringContaining('timer'),
    ]);
    await run(replace.undo.argv);
    await run(replace.undo.argv);
    expect(await replace.verify()).toEqual([]);
    expect(await staticPods.read('kube-apiserver')).toBe(first);
    await vi.waitFor(async () => expect(await cluster.api.ready()).toBe(true), { timeout: 15_000, interval: 100 });
  }, 60_000);

  test('freezes the API server and thaws it from the undo alone', async () => {
    const { containers } = cluster.nodes[0]!;
    const container = (await containers.find('kube-apiserver')).find((one) => one.state === 'running')!;
    const freeze = containers.freeze(container, 60_000);
    await freeze.snapshot();
    await freeze.apply();
    // A signal takes effect when the process next runs.
    await vi.waitFor(async () => expect(await containers.isFrozen?.(container.id)).toBe(true), 5_000);
    await run(freeze.undo.argv);
    await vi.waitFor(async () => expect(await freeze.verify()).toEqual([]), 5_000);
  });

  test('pauses a node and continues it from the undo alone', async () => {
    const node = cluster.nodes[1]!.name;
    const pause = cluster.freezer!.pause(node);
    await pause.snapshot();
    await pause.apply();
    expect(await cluster.freezer!.isPaused?.(node)).toBe(true);
    await expect(backend().assertOurs(name, wants)).rejects.toThrow('is paused');
    await run(pause.undo.argv);
    expect(await pause.verify()).toEqual([]);
  });

  test('leaves no process and no file behind', async () => {
    await run(change.undo.argv);
    expect(await change.verify()).toEqual([]);
    expect(existsSync(join(root, name))).toBe(false);
    expect(processesOf(root)).toEqual([]);
  }, 60_000);

  test('whose host is killed has no process left within 10 s, and that is reported with what removes the rest', async () => {
    const again = backend().create({ name, ...wants }, context).change;
    await again.apply();
    const { pid } = readHost(stateFolder(root, name))!;
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(processesOf(root)).toEqual([]), { timeout: 10_000, interval: 100 });
    await expect(backend().assertOurs(name, wants)).rejects.toMatchObject({
      code: 'cluster',
      message: `Cluster '${name}' is dead: its host process is gone`,
      hint: expect.stringContaining(pasteable(again.undo.argv)),
    });
    await run(again.undo.argv);
    expect(existsSync(join(root, name))).toBe(false);
  }, 60_000);
});

function labeled(named: string, label: string) {
  return { name: named, labels: { 'blackstart.dev/telemetry': label } };
}

/** The command lines that name the folder. */
function processesOf(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .map((pid) => commandLine(pid))
    .filter((line) => line.includes(folder));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
