import { describe, expect, it } from 'vitest';
import type { CommandResult } from '../core/command.ts';
import type { WaySpec } from '../experiment/rung-spec.ts';
import { daemonSetPath } from './agent-objects.ts';
import { attempt } from './attempt.ts';
import { fakeLadder, step, superAdmin } from './testing/fake-ladder.ts';

const command: WaySpec = { way: 'command', argv: ['./remove.sh'], credential: 'break-glass' };
const failing = (message: string) => async (): Promise<never> => await Promise.reject(new Error(message));

describe('stopping the agents', () => {
  it('goes on until the normal admin has deleted the DaemonSet, then no agent may run for the quiet time', async () => {
    const ladder = fakeLadder();
    await ladder.try(step({ way: 'stop-agents' }, { promises: ['relieve', 'remove'], withinMs: 60_000 }));
    expect(ladder.eventsOf('rung-act').map(({ act, ok }) => [act, ok])).toEqual([
      ['delete the DaemonSet as the normal admin', true],
      ["stop the agents' containers on their nodes", true],
    ]);
    const [quiet] = ladder.eventsOf('rung-quiet');
    expect(quiet).toMatchObject({ running: [], failedLooks: 0, objects: [] });
    expect((quiet?.toMs ?? 0) - (quiet?.fromMs ?? 0)).toBeGreaterThanOrEqual(10_000);
  });

  it('begins its quiet time when no container runs: a command returns before that', async () => {
    const ladder = fakeLadder();
    const { world, context } = ladder;
    const tryRun = async (): Promise<CommandResult> => {
      const byAddress = { credential: 'break-glass', via: 'address', port: null } as const;
      await context.cluster.callApi(byAddress, { method: 'DELETE', path: daemonSetPath }, 1_000);
      world.clock.after(3_000, () => world.workers.forEach((worker) => worker.kill('agent')));
      return { exitCode: 0, stdout: 'deleted', stderr: '' };
    };
    await attempt(step(command, { promises: ['remove'] }), { ...context, tryRun });
    const [quiet] = ladder.eventsOf('rung-quiet');
    const [ended] = ladder.eventsOf('rung-ended');
    expect(quiet).toMatchObject({ running: [], objects: [] });
    expect((quiet?.fromMs ?? 0) - (ended?.fromMs ?? 0)).toBeGreaterThanOrEqual(3_000);
    expect((quiet?.toMs ?? 0) - (quiet?.fromMs ?? 0)).toBeGreaterThanOrEqual(10_000);
  });

  it('asks at the end for what a kubelet could start again after its back-off', async () => {
    const ladder = fakeLadder();
    const { world, context } = ladder;
    const tryRun = async (): Promise<CommandResult> => {
      for (const worker of world.workers) worker.kill('agent');
      return { exitCode: 0, stdout: '', stderr: '' };
    };
    await attempt(step(command, { promises: ['remove'] }), { ...context, tryRun });
    expect(ladder.eventsOf('rung-quiet')).toMatchObject([
      { running: [], objects: ['DaemonSet telemetry-agent', '1 of its pods'] },
    ]);
  });

  it('tells who still runs when the time is over, and that the API cannot be asked', async () => {
    const ladder = fakeLadder({ answer: ({ credential }) => (credential === 'admin' ? undefined : new Error('down')) });
    await ladder.try(step(command, { promises: ['remove'] }));
    const [quiet] = ladder.eventsOf('rung-quiet');
    expect(quiet?.running).toHaveLength(2);
    expect(quiet?.objects).toBeNull();
    expect((quiet?.fromMs ?? 0) - (ladder.eventsOf('rung-ended')[0]?.fromMs ?? 0)).toBeGreaterThanOrEqual(20_000);
  });

  it('goes on while a kubelet is still to start them again', async () => {
    // They are away for several looks before they come again, also when the DaemonSet is gone and its pods are not.
    const ladder = fakeLadder({ restartMs: 3_000, isLockedOut: (ms) => ms < 30_000 });
    await ladder.try(step({ way: 'stop-agents' }, { promises: ['remove'], withinMs: 60_000 }));
    expect(ladder.eventsOf('rung-quiet')).toMatchObject([{ running: [] }]);
  });

  it('does not work where the admin never gets through', async () => {
    const ladder = fakeLadder({ isLockedOut: () => true });
    await ladder.try(step({ way: 'stop-agents' }, { promises: ['remove'], withinMs: 30_000 }));
    expect(ladder.eventsOf('rung-ended')[0]).toMatchObject({
      outcome: 'tried',
      message: expect.stringMatching(/agents came back|could not remove the agents/) as string,
    });
    expect(ladder.eventsOf('rung-quiet')).toEqual([]);
  });

  it('is undone by the next attempt, which applies the DaemonSet again', async () => {
    const ladder = fakeLadder();
    await ladder.try(step({ way: 'stop-agents' }, { promises: ['remove'], withinMs: 60_000 }));
    await ladder.try({ ...step(superAdmin), name: 'next' });
    expect(ladder.changes).toContain('+ rollout next of DaemonSet blackstart/telemetry-agent, applied again');
  });
});

it('trouble of the harness is told as such, and is no failure of the way', async () => {
  const ladder = fakeLadder();
  await attempt(step({ way: 'restart-api-server' }), { ...ladder.context, perform: failing('docker exec timed out') });
  expect(ladder.eventsOf('rung-ended')[0]).toMatchObject({ outcome: 'trouble', message: 'docker exec timed out' });
  expect(ladder.changes).toEqual(['- park kube-apiserver on cp']);
});

it("a team's own command that is missing or too slow is a way that does not work", async () => {
  const ladder = fakeLadder();
  await attempt(step(command), { ...ladder.context, tryRun: failing('no such program') });
  expect(ladder.eventsOf('rung-ended')[0]).toMatchObject({ outcome: 'tried', message: 'no such program' });
});

it("a team's own command is run with its arguments, and its exit code decides nothing", async () => {
  const ladder = fakeLadder();
  await ladder.try(step({ way: 'command', argv: ['./break-glass.sh', 'it is on'], credential: 'break-glass' }));
  expect(ladder.eventsOf('rung-act')).toMatchObject([{ act: "./break-glass.sh 'it is on'", ok: true }]);
  expect(ladder.eventsOf('rung-call').map(({ status }) => status)).toEqual([200, 200]);
});
