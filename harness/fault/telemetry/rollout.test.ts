import { describe, expect, it } from 'vitest';
import type { TelemetryAgentSpec } from '../../experiment/spec.ts';
import { agentConfig, agentConfigAnnotation } from '../../plan/agent-config.ts';
import { fakeWorld, type FakeWorld } from '../testing/fake-cluster.ts';
import { agentsRef, rolloutChange } from './rollout-change.ts';

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
  const metadata = { name: agentsRef.name, namespace: 'blackstart' };
  world.api.objects.push({ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata, spec: { template } });
  for (const worker of world.workers) {
    worker.run('agent', 'agent-old', 0, 'blackstart');
    world.observations.tell(worker.name, { pod: 'agent-old', mode: 'watch' });
  }
  return world;
}

/** On these workers the agent is replaced by one that tells these counters. */
function replacesAgents(counters: object, workers: (world: FakeWorld) => FakeWorld['workers'] = (one) => one.workers) {
  return (world: FakeWorld): void => {
    world.clock.after(4_000, () => {
      for (const worker of workers(world)) {
        worker.kill('agent');
        worker.run('agent', 'agent-new', 0, 'blackstart');
        world.observations.tell(worker.name, { pod: 'agent-new', ...counters });
      }
    });
  };
}

const busy = { mode: bad.mode, requests: 70, ok: 5, refused: 3, inFlight: 62 };
const confirmations = async (world: FakeWorld, sabotaged = false): Promise<readonly string[]> =>
  (await world.inject(rollout, { sabotaged })).targets.map(({ confirmation }) => confirmation);

describe('telemetry-rollout', () => {
  it('is confirmed by another container on the node and by what another agent tells of itself', async () => {
    const { targets } = await withAgents(replacesAgents(busy)).inject(rollout);
    expect(targets.map(({ name, confirmation }) => [name, confirmation])).toEqual([
      ['worker/telemetry-agent', 'confirmed'],
      ['worker2/telemetry-agent', 'confirmed'],
    ]);
    const evidence = targets[0]?.evidence.join('\n');
    expect(evidence).toMatch(/crictl: agent on worker: container \S+ ended \d/);
    expect(evidence).toContain(
      'agent: on worker: agent-new, mode full-list-quorum: 70 requests, 5 answered, 3 answered 429',
    );
  });

  it('is unconfirmed when it is sabotaged', async () => {
    const world = withAgents(replacesAgents(busy));
    expect(await confirmations(world, true)).toEqual(['unconfirmed', 'unconfirmed']);
    expect(world.performed).toEqual([]);
  });

  it('is unconfirmed when the new agents run another mode, or send nothing', async () => {
    expect(await confirmations(withAgents(replacesAgents({ ...busy, mode: 'watch' })))).toContain('unconfirmed');
    expect(await confirmations(withAgents(replacesAgents({ ...busy, requests: 0 })))).toContain('unconfirmed');
  });

  it('is unconfirmed where the old agent still runs', async () => {
    const world = withAgents(replacesAgents(busy, ({ workers }) => workers.slice(0, 1)));
    expect(await confirmations(world)).toEqual(['confirmed', 'unconfirmed']);
  });

  it('selects nothing where no agent runs', async () => {
    const { targets } = await fakeWorld().inject(rollout);
    expect(targets[0]?.evidence[0]).toContain('selected nothing');
  });
});

describe('the change', () => {
  it('is undone by deleting the DaemonSet with the credential that gets through', async () => {
    const world = withAgents(() => undefined);
    const change = rolloutChange(world.context.cluster, 'bad', agentConfig(bad, 2));
    expect(change.undo.argv.join(' ')).toMatch(
      /^kubectl --kubeconfig \/super-admin.conf delete DaemonSet\.v1\.apps\/telemetry-agent/,
    );
    await change.snapshot();
    expect(await change.verify()).toMatchObject([{ what: 'DaemonSet blackstart/telemetry-agent' }]);
    world.api.remove('DaemonSet', agentsRef.name);
    expect(await change.verify()).toEqual([]);
    await expect(change.snapshot()).rejects.toThrow('no telemetry agent');
  });

  it('divides the nodes among the workers', () => {
    expect(JSON.parse(agentConfig(bad, 3))).toMatchObject({ mode: 'full-list-quorum', intervalMs: 1_000, nodes: 334 });
  });
});
