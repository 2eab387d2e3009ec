import { describe, expect, it } from 'vitest';
import type { NodeContainer } from '../../cluster/cluster.ts';
import { fakeWorld } from '../testing/fake-cluster.ts';
import { containerEnded, newestContainer, watchContainerEnd, type ContainerEnd } from './container-changed.ts';
import { countKills } from './kill-count.ts';
import { runningContainers, type TargetContainer } from './target-container.ts';

const timing = { intervalMs: 100, timeoutMs: 2_000 };

async function apiServerOf(world: ReturnType<typeof fakeWorld>): Promise<TargetContainer> {
  const [found] = await runningContainers([world.controlPlane], 'kube-apiserver', 'kube-system');
  if (!found) throw new Error('the fake has an API server');
  return found;
}

/** A target whose node lists something else on every look; the last listing repeats. */
function listing(before: TargetContainer, ...lists: readonly (readonly NodeContainer[])[]): TargetContainer {
  let looks = 0;
  const find = async (): Promise<readonly NodeContainer[]> => lists[Math.min(looks++, lists.length - 1)] ?? [];
  return { ...before, node: { ...before.node, containers: { ...before.node.containers, find } } };
}

function endOf(before: TargetContainer, endedAtMs: number | undefined): ContainerEnd {
  return { before, endedAtMs, problem: '' };
}

describe('the end of a container', () => {
  it('is seen when it has exited', async () => {
    const world = fakeWorld();
    const before = await apiServerOf(world);
    world.clock.after(350, () => world.controlPlane.kill('kube-apiserver'));
    const end = await watchContainerEnd(before, world.context, timing);
    expect(end.endedAtMs).toBe(400);
    expect(containerEnded(end, 100, await newestContainer(before)).text).toBe(
      'kube-apiserver on cp: container cp-kube-apis ended 0.3 s after the injection began; nothing runs in its place yet',
    );
  });

  it('is not believed from one listing that misses it', async () => {
    const world = fakeWorld();
    const before = await apiServerOf(world);
    const end = await watchContainerEnd(listing(before, [], [before.container]), world.context, timing);
    expect(end.endedAtMs).toBeUndefined();
  });

  it('is seen when it was removed', async () => {
    const world = fakeWorld();
    const end = await watchContainerEnd(listing(await apiServerOf(world), []), world.context, timing);
    expect(end.endedAtMs).toBe(100);
  });
});

describe('kills', () => {
  const other = 'f'.repeat(64);

  it.each<[string, number | undefined, Partial<NodeContainer> | undefined, number]>([
    ['none when the container runs on', undefined, {}, 0],
    ['one when the next attempt runs', 10, { id: other, attempt: 1 }, 1],
    ['one when nothing stands in its place', 10, undefined, 1],
    ['none when nothing is listed and no end was seen', undefined, undefined, 0],
    ['two when the next attempt has ended too', 10, { id: other, attempt: 1, state: 'exited' }, 2],
    ['three when the third attempt after it runs', 10, { id: other, attempt: 3 }, 3],
    ['one when it ended after the watch gave up', undefined, { id: other, attempt: 1 }, 1],
  ])('are %s', async (_what, endedAtMs, newest, kills) => {
    const world = fakeWorld();
    const before = await apiServerOf(world);
    const target = listing(before, newest === undefined ? [] : [{ ...before.container, ...newest }]);
    const count = await countKills(endOf(target, endedAtMs), 0, world.context);
    expect(count.kills).toBe(kills);
    const seen = count.observations.map(({ saw }) => saw);
    expect(seen).toEqual([...(kills > 1 ? ['too-much'] : []), kills > 0 ? 'effect' : 'no-effect']);
  });
});
