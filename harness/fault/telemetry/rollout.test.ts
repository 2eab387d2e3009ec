import { describe, expect, it } from 'vitest';
import type { TelemetryAgentSpec } from '../../experiment/spec.ts';
import { agentConfig, agentConfigAnnotation } from '../../plan/agent-config.ts';
import { fakeWorld, type FakeWorld } from '../testing/fake-cluster.ts';
import { agents, rolloutChange } from './rollout-change.ts';

const bad: TelemetryAgentSpec = {
  mode: 'full-list-quorum',
  resource: 'pods',
  interval: '1s',
  jitter: 0.5,
  concurrency: 1,
  timeout: '60s',
  retry: 'after',
  readBytesPerS: 0,
  nodes: 1_000,
};
const rollout = { kind: 'telemetry-rollout', agent: bad } as const;

/** Harmless agents on both workers; what a rollout does to them is up to the test. */
function withAgents(onRollout: (world: FakeWorld) => void): FakeWorld {
  const world = fakeWorld({ onPatch: (_patch, here) => onRollout(here) });
  const template = { metadata: { annotations: { [agentConfigAnnotation]: '{"mode":"watch"}' } } };
  const metadata = { name: agents.name, namespace: 'blackstart' };
  world.api.objects.push({ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata, spec: { template } });
  for (const { name } of world.workers) world.observations.tell(name, { mode: 'watch' });
  return world;
}

/** The new pods come up and drown the API server; a call of the operator fails at its deadline. */
function drowns(world: FakeWorld): void {
  world.clock.after(4_000, () => {
    for (const { name } of world.workers) {
      world.observations.tell(name, { mode: bad.mode, requests: 70, ok: 5, refused: 3, inFlight: 62 });
    }
  });
  world.clock.after(14_000, () => world.observations.see('admin', 'request:timeout', 'operator'));
}

describe('telemetry-rollout', () => {
  it("is confirmed by the agents' own counters and by an operator who does not get through", async () => {
    const world = withAgents(drowns);
    const { targets } = await world.inject(rollout);
    expect(targets.map(({ name, confirmation }) => [name, confirmation])).toEqual([
      ['worker/telemetry-agent', 'confirmed'],
      ['worker2/telemetry-agent', 'confirmed'],
    ]);
    const evidence = targets[0]?.evidence.join('\n');
    expect(evidence).toContain(
      'agent: on worker: mode full-list-quorum, 70 requests, 5 answered, 3 refused, 62 in flight',
    );
    expect(evidence).toMatch(/prober: lane admin: .*request:timeout/);
  });

  it('is unconfirmed when it is sabotaged', async () => {
    const world = withAgents(drowns);
    const { targets } = await world.inject(rollout, { sabotaged: true });
    expect(world.performed).toEqual([]);
    expect(targets.map(({ confirmation }) => confirmation)).toEqual(['unconfirmed', 'unconfirmed']);
  });

  it('is unconfirmed when the agents changed and the operator noticed nothing', async () => {
    const world = withAgents((here) => {
      for (const { name } of here.workers) here.observations.tell(name, { mode: bad.mode, requests: 9 });
    });
    expect((await world.inject(rollout)).targets[0]?.confirmation).toBe('unconfirmed');
  });

  it('is unconfirmed where one agent still runs the old configuration', async () => {
    const world = withAgents((here) => {
      here.observations.tell('worker', { mode: bad.mode, requests: 9 });
      here.observations.see('admin', 'request:429', 'operator');
    });
    const { targets } = await world.inject(rollout);
    expect(targets.map(({ confirmation }) => confirmation)).toEqual(['confirmed', 'unconfirmed']);
  });

  it('selects nothing where no agent runs', async () => {
    const { targets } = await fakeWorld().inject(rollout);
    expect(targets[0]?.evidence[0]).toContain('selected nothing');
  });
});

describe('the change', () => {
  it('is undone by deleting the DaemonSet with the credential that gets through', async () => {
    const world = withAgents(() => undefined);
    const change = rolloutChange(world.context.cluster, agentConfig(bad, 2));
    expect(change.undo.argv.join(' ')).toMatch(
      /^kubectl --kubeconfig \/super-admin.conf delete DaemonSet\.v1\.apps\/telemetry-agent/,
    );
    await change.snapshot();
    expect(await change.verify()).toMatchObject([{ what: 'DaemonSet blackstart/telemetry-agent' }]);
    world.api.remove('DaemonSet', agents.name);
    expect(await change.verify()).toEqual([]);
    await expect(change.snapshot()).rejects.toThrow('no telemetry agent');
  });

  it('divides the nodes among the workers', () => {
    expect(JSON.parse(agentConfig(bad, 3))).toMatchObject({ mode: 'full-list-quorum', intervalMs: 1_000, nodes: 334 });
  });
});
