import { describe, expect, it } from 'vitest';
import { fakeWorld } from '../testing/fake-cluster.ts';
import { podChaosManifest } from './manifest.ts';
import { podChaosChange } from './pod-chaos-change.ts';

const manifest = podChaosManifest(
  { action: 'pod-kill', containerNames: [], duration: null },
  [{ namespace: 'kube-system', name: 'coredns-0' }],
  { runId: 'r1', step: 'kill' },
);

describe('a PodChaos as a change', () => {
  it('is undone by a kubectl command that may run twice and does not wait for the finalizer', () => {
    const { context } = fakeWorld();
    expect(podChaosChange(manifest, context)).toMatchObject({
      describe: 'PodChaos chaos-mesh/blackstart-r1-kill',
      needs: 'api',
      undo: {
        argv: [
          'kubectl',
          '--kubeconfig',
          '/super-admin.conf',
          '-n',
          'chaos-mesh',
          'delete',
          'podchaos.chaos-mesh.org',
          'blackstart-r1-kill',
          '--ignore-not-found',
          '--wait=false',
        ],
      },
    });
  });

  it('is made although the API is away for a moment', async () => {
    const { context, api, clock } = fakeWorld();
    api.setUp(false);
    clock.after(3_000, () => api.setUp(true));
    await podChaosChange(manifest, context).apply();
    expect(api.objects).toContainEqual(manifest);
  });

  it('is made once when the answer to its creation was lost', async () => {
    const { context, api } = fakeWorld();
    const create = async (): Promise<never> => {
      api.objects.push(manifest);
      throw new Error('socket hang up');
    };
    const cluster = { ...context.cluster, api: { ...api, create } };
    await podChaosChange(manifest, { ...context, cluster }).apply();
    expect(api.objects.filter(({ kind }) => kind === 'PodChaos')).toHaveLength(1);
  });

  it('leaves nothing when its object goes while its finalizer is awaited', async () => {
    const { context, api, clock } = fakeWorld();
    api.objects.push(manifest);
    clock.after(15_000, () => api.remove('PodChaos', 'blackstart-r1-kill'));
    expect(await podChaosChange(manifest, context).verify()).toEqual([]);
  });

  it('names the command that frees it when its finalizer stays', async () => {
    const { context, api } = fakeWorld();
    api.objects.push(manifest);
    const [leftover] = await podChaosChange(manifest, context).verify();
    expect(leftover?.command).toBe(
      'kubectl --kubeconfig /super-admin.conf -n chaos-mesh annotate podchaos.chaos-mesh.org blackstart-r1-kill chaos-mesh.chaos-mesh.org/cleanFinalizer=forced --overwrite',
    );
  });

  it('is refused when an object of its name is already there', async () => {
    const { context, api } = fakeWorld();
    api.objects.push(manifest);
    await expect(podChaosChange(manifest, context).snapshot()).rejects.toMatchObject({ code: 'cluster' });
  });
});
