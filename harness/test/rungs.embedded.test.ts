import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { applyObjects, waitRolledOut } from '../cluster/apply.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { doctor } from '../cluster/embedded/doctor.ts';
import { embeddedBackend } from '../cluster/embedded/embedded-backend.ts';
import { loadManifests } from '../cluster/manifests.ts';
import { systemClock } from '../core/clock.ts';
import { run, tryRun } from '../core/command.ts';
import type { EventBody } from '../core/events.ts';
import type { WaySpec } from '../experiment/rung-spec.ts';
import { agentsRef, configOf, restoreChange } from '../fault/telemetry/rollout-change.ts';
import { agentConfig, agentConfigAnnotation } from '../plan/agent-config.ts';
import { telemetryObjects } from '../run/telemetry-objects.ts';
import type { WorkloadsContext } from '../run/workloads.ts';
import { wayFor } from '../rung/catalog.ts';
import type { RungContext } from '../rung/context.ts';
import { openScope } from '../rung/scope.ts';
import { step } from '../rung/testing/fake-ladder.ts';
import { openChanges } from '../undo/changes.ts';
import { createUndoLog } from '../undo/undo-log.ts';

/** The ways in, on a cluster whose agents are few: what they do, without an overload. */
const canRun = (await doctor()).every((check) => check.status === 'ok');
if (!canRun) process.stderr.write('Skipped: embedded clusters cannot run on this machine, see `doctor`.\n');

const name = 'blackstart-rungs-test';
const signal = new AbortController().signal;
const patience = { timeout: 30_000, interval: 200 };
const agent = { ...step({ way: 'stop-agents' }).load, nodes: 2, interval: '1s', readBytesPerS: 0 } as const;

describe.runIf(canRun)('on an embedded cluster', () => {
  let root: string;
  let cluster: Cluster;
  let end: () => Promise<void>;
  let context: RungContext;
  const events: EventBody[] = [];

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'bs-'));
    const backend = embeddedBackend({ clock: systemClock, stateFolder: root });
    const wants = { workers: 2, coreDns: 'workers', nodePorts: [] } as const;
    const { change, attach } = backend.create({ name, ...wants }, { emit: () => undefined, signal, runFolder: root });
    end = async () => void (await run(change.undo.argv));
    await change.snapshot();
    await change.apply();
    cluster = await attach();
    await cluster.settle();
    const telemetry = { fakeNodes: 0, podsPerNode: 0, agent, fairness: 'default' };
    const workloads = { plan: { cluster: { telemetry } }, cluster, run, signal } as unknown as WorkloadsContext;
    const objects = [...loadManifests('manifests/namespace.yaml'), ...telemetryObjects(workloads)];
    const options = { kubectl: cluster.kubectl, run, signal };
    await applyObjects(objects, options);
    await waitRolledOut(objects, options);
    const owner = { pid: process.pid, started: '' };
    const changes = openChanges(createUndoLog(join(root, 'undo.jsonl'), { runId: 'r', owner }), () => undefined);
    context = {
      cluster,
      clock: systemClock,
      emit: (event) => events.push(event),
      nowMs: () => systemClock.monotonicMs(),
      signal,
      tryRun,
      perform: changes.inject,
      takeBack: async (one) => await changes.takeBack(one, { clock: systemClock, run, apiDeadlineMs: 20_000 }),
      observations: { nodes: [], dnsLane: undefined, reports: () => [], samplesSince: () => [] },
      memory: {},
    };
  }, 90_000);

  afterAll(async () => {
    await end();
    rmSync(root, { recursive: true, force: true });
  }, 60_000);

  const climb = async (way: WaySpec) => {
    const scope = openScope(step(way, { withinMs: 40_000 }), context);
    return { scope, door: await wayFor(way).climb(scope, context) };
  };
  const agents = async () =>
    await cluster.api.list({
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: 'blackstart',
      labelSelector: 'app.kubernetes.io/name=telemetry-agent',
    });
  /** How many requests of all agents were answered with this status. */
  const answered = async (code: number): Promise<number> => {
    const texts = await Promise.all(
      (await agents()).map(
        async (pod) => await (await fetch(`http://${String(pod.status?.['podIP'])}:9600/metrics`)).text(),
      ),
    );
    const lines = texts.join('\n').matchAll(new RegExp(`code="${code}"\\S* (\\d+)`, 'g'));
    return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
  };

  test('taking the rights away refuses every request of the agents, until they are given back', async () => {
    await vi.waitFor(async () => expect(await answered(200)).toBeGreaterThan(0), patience);
    const { scope } = await climb({ way: 'take-rights' });
    await vi.waitFor(async () => expect(await answered(403)).toBeGreaterThan(2), patience);
    await scope.close();
    const before = await answered(200);
    await vi.waitFor(async () => expect(await answered(200)).toBeGreaterThan(before + 2), patience);
  });

  test('a second API server answers on its port, and is gone at the end', async () => {
    const { scope, door } = await climb({ way: 'second-api-server' });
    const ask = async (): Promise<number> => (await door.call({ method: 'GET', path: '/readyz' }, 2_000)).status;
    await vi.waitFor(async () => expect(await ask()).toBe(200), patience);
    expect((await door.other.call({ method: 'GET', path: '/readyz' }, 2_000)).status).toBe(200);
    await scope.close();
    await expect(ask()).rejects.toThrow('ECONNREFUSED');
  });

  test('an API server that is restarted answers again', async () => {
    const { door } = await climb({ way: 'restart-api-server' });
    const ask = async (): Promise<number> => (await door.call({ method: 'GET', path: '/readyz' }, 2_000)).status;
    await vi.waitFor(async () => expect(await ask()).toBe(200), patience);
  });

  test('blocking the agents is what embedded nodes cannot do', () => {
    expect(wayFor({ way: 'block-agents' }).cannot(context)).toContain('packet filter');
  });

  test('stopping the agents ends with their DaemonSet and its pods gone, and they can be put back', async () => {
    const before = await cluster.api.get(agentsRef);
    if (!before) throw new Error('there is no DaemonSet');
    await climb({ way: 'stop-agents' });
    expect(await cluster.api.get(agentsRef)).toBeUndefined();
    expect(await agents()).toEqual([]);
    const other = agentConfig({ ...agent, nodes: 4 }, 2);
    await context.perform(restoreChange(cluster, before, 'again', other));
    expect(configOf(await cluster.api.get(agentsRef))).toBe(other);
    await vi.waitFor(async () => {
      const pods = await agents();
      expect(pods.map(({ metadata }) => metadata.annotations?.[agentConfigAnnotation])).toEqual([other, other]);
      expect(await answered(200)).toBeGreaterThan(0);
    }, patience);
  });
});
