import { describe, expect, it } from 'vitest';
import { fakeWorld, type FakeWorld } from '../testing/fake-cluster.ts';
import { laneFailed, type LaneFailure } from './lane-failed.ts';
import type { Observation } from './observation.ts';

const nodes = ['worker', 'worker2'];

async function look(world: FakeWorld, change: Partial<LaneFailure> = {}): Promise<Observation> {
  const failure: LaneFailure = {
    lane: 'api',
    outcomes: /^connect:/,
    nodes,
    on: 'every',
    forGood: false,
    sinceMs: world.clock.monotonicMs(),
    timeoutMs: 10_000,
    ...change,
  };
  return await laneFailed(failure, world.context);
}

describe('the failure of a lane', () => {
  it('is seen on every node, with counts', async () => {
    const world = fakeWorld();
    world.clock.after(200, () => world.observations.see('api', 'connect:refused'));
    expect(await look(world)).toEqual({
      source: 'prober',
      saw: 'effect',
      text: 'lane api: 4 × ok, 2 × connect:refused on worker, 4 × ok, 2 × connect:refused on worker2',
    });
  });

  it('may be asked for on one node only', async () => {
    const world = fakeWorld();
    world.clock.after(200, () => world.observations.see('api', 'connect:refused', 'worker2'));
    expect((await look(world, { on: 'some' })).saw).toBe('effect');
    expect((await look(world, { on: 'every' })).saw).toBe('no-effect');
  });

  it('is not seen where no node has a prober', async () => {
    expect(await look(fakeWorld(), { nodes: [] })).toEqual({
      source: 'prober',
      saw: 'no-effect',
      text: 'lane api: no node has a prober',
    });
  });

  it('does not count what failed before the injection', async () => {
    const world = fakeWorld();
    world.observations.see('api', 'connect:refused');
    await world.clock.sleep(3_000);
    world.observations.see('api', 'ok');
    expect((await look(world)).saw).toBe('no-effect');
  });

  it('is not for good when a failure from before the injection makes up the last second', async () => {
    const world = fakeWorld();
    world.observations.see('api', 'connect:refused');
    await world.clock.sleep(3_000);
    world.clock.after(200, () => world.observations.see('api', 'ok'));
    expect((await look(world, { forGood: true })).saw).toBe('no-effect');
  });

  it('is not for good when the prober falls silent after it', async () => {
    const silent = fakeWorld();
    silent.observations.see('api', 'connect:refused');
    silent.clock.after(10, () => silent.observations.see('api', undefined));
    await silent.clock.sleep(5_000);
    expect((await look(silent, { forGood: true, sinceMs: 0 })).saw).toBe('no-effect');
  });

  it('is for good when the samples of a hanging server come as late as their deadline', async () => {
    const world = fakeWorld();
    await world.clock.sleep(4_000);
    world.observations.see('api', 'connect:timeout');
    world.clock.after(500, () => world.observations.see('api', undefined));
    await world.clock.sleep(2_500);
    expect((await look(world, { forGood: true, sinceMs: 3_000 })).saw).toBe('effect');
  });
});
