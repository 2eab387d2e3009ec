import { describe, expect, it } from 'vitest';
import { checkOutcome } from './check-outcome.ts';
import { describeFault } from './catalog.ts';
import type { TargetConfirmation } from '../core/events.ts';
import type { FaultSpec } from '../experiment/spec.ts';
import { fakeWorld } from './testing/fake-cluster.ts';

const confirmed = (name: string, evidence: readonly string[]): TargetConfirmation => ({
  name,
  confirmation: 'confirmed',
  evidence,
});
const good = ['crictl: ended', 'prober: 3 × connect:refused'];

const check =
  (targets: readonly string[], judged: readonly TargetConfirmation[], kills: number | null = null) =>
  () =>
    checkOutcome('step', targets, { kills, targets: judged });

describe('a fault that is run', () => {
  it('is told in events, in order', async () => {
    const world = fakeWorld({
      onPark: (here) => {
        here.controlPlane.kill('kube-apiserver');
        here.observations.see('api', 'connect:refused');
      },
    });
    const outcome = await world.inject({ kind: 'api-server-down' });
    expect(world.events).toEqual([
      { type: 'fault-started', fault: 'step', sabotaged: false, targets: ['cp/kube-apiserver'] },
      { type: 'fault-injected', fault: 'step' },
      { type: 'fault-confirmed', fault: 'step', ...outcome },
    ]);
  });

  it('is marked when it is sabotaged', async () => {
    const world = fakeWorld();
    await world.inject({ kind: 'core-dns-restart' }, { sabotaged: true });
    expect(world.events[0]).toMatchObject({
      type: 'fault-started',
      sabotaged: true,
      targets: ['worker/coredns-0', 'worker2/coredns-1'],
    });
  });

  it('is an internal error when two targets cannot be told apart', async () => {
    const world = fakeWorld();
    world.workers[0]?.run('coredns', 'coredns-0');
    const running = world.inject({ kind: 'core-dns-restart' });
    await expect(running).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('worker/coredns-0 was judged 2 times'),
    });
  });

  it('is not injected when the run was interrupted before', async () => {
    const abort = new AbortController();
    abort.abort();
    const world = fakeWorld({ signal: abort.signal });
    await expect(world.inject({ kind: 'api-server-down' })).rejects.toMatchObject({ code: 'interrupted' });
    expect(world.performed).toEqual([]);
    expect(world.events).toEqual([]);
  });
});

describe('the outcome of a fault', () => {
  it('stands when every target is judged once, by two sources, one of them outside the API', () => {
    expect(check(['a', 'b'], [confirmed('b', good), confirmed('a', good)])).not.toThrow();
  });

  it.each([
    ['a target is not judged', check(['a', 'b'], [confirmed('a', good)]), 'b was judged 0 times'],
    ['a target is judged twice', check(['a'], [confirmed('a', good), confirmed('a', good)]), 'a was judged 2 times'],
    [
      'something else is judged',
      check(['a'], [confirmed('a', good), confirmed('c', good)]),
      'c was judged but is no target',
    ],
    ['one source confirms alone', check(['a'], [confirmed('a', ['crictl: x', 'crictl: y'])]), 'fewer than two sources'],
    [
      'Chaos Mesh is taken at its word',
      check(['a'], [confirmed('a', ['crictl: x', 'chaos-mesh: said injected'])]),
      'fewer than two sources',
    ],
    ['only the API confirms', check(['a'], [confirmed('a', ['api: x', 'api: y'])]), 'without the prober'],
    [
      'there is no evidence',
      check(['a'], [{ name: 'a', confirmation: 'unconfirmed', evidence: [] }]),
      'a has no evidence',
    ],
    ['kills are no number', check(['a'], [confirmed('a', good)], Number.NaN), 'is no number of kills'],
  ])('breaks the rules when %s', (_what, checked, message) => {
    expect(checked).toThrow(expect.objectContaining({ code: 'internal', message: expect.stringContaining(message) }));
  });

  it('may be unconfirmed on thin evidence', () => {
    expect(check(['a'], [{ name: 'a', confirmation: 'unconfirmed', evidence: ['crictl: same'] }])).not.toThrow();
  });
});

describe('the catalog', () => {
  const podChaos: FaultSpec = {
    kind: 'pod-chaos',
    action: 'container-kill',
    select: { namespace: 'kube-system', labels: { component: 'kube-apiserver' } },
    mode: 'one',
    containerNames: ['kube-apiserver'],
    duration: null,
  };

  it('describes a PodChaos by action, targets, confirmation and undo', () => {
    expect(describeFault(podChaos)).toEqual({
      does: expect.stringMatching(/^Chaos Mesh PodChaos container-kill of kube-apiserver, .*its controller is held/),
      targets: 'one pod, chosen with the seed, of component=kube-apiserver in kube-system',
      confirmedBy: ['crictl: the container that ran before has ended, once', 'prober: requests to the API server fail'],
      undo: 'delete the PodChaos from namespace chaos-mesh',
    });
  });

  it.each(['api-server-down', 'api-server-hang', 'core-dns-restart', 'node-pause'] as const)(
    'says of %s how two sources confirm it',
    (kind) => {
      const sources = describeFault({ kind }).confirmedBy.map((line) => line.split(':')[0]);
      expect(new Set(sources).size).toBe(2);
    },
  );
});
