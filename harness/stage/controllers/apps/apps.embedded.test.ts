import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ControllerRevision, Deployment, ReplicaSet } from '../base/kinds.ts';
import { isReady } from '../base/objects.ts';
import { startTestCluster, eventually, podsReady, type TestCluster } from '../testing/cluster.ts';
import { daemonSet, deployment, node } from '../testing/objects.ts';

let cluster: TestCluster;

beforeEach(async () => {
  cluster = await startTestCluster([node('cp', { role: 'control-plane' }), node('w1'), node('w2')]);
});
afterEach(async () => await cluster.stop());

const deployments = 'apps/v1/deployments';
const daemonSets = 'apps/v1/daemonsets';

function sets(): ReplicaSet[] {
  return cluster.api.store.list('apps/v1/replicasets') as ReplicaSet[];
}

function nodesOfPods(): string[] {
  return cluster
    .pods()
    .map(({ spec }) => spec.nodeName ?? '')
    .toSorted();
}

function change(spec: Partial<Deployment['spec']>): void {
  const before = cluster.object(deployments, 'x/web') as Deployment;
  cluster.api.store.update(deployments, 'x/web', { ...before, spec: { ...before.spec, ...spec } });
}

function templateWith(annotation: string): Deployment['spec']['template'] {
  const { template } = deployment().spec;
  return { ...template, metadata: { ...template.metadata, annotations: { version: annotation } } };
}

async function rolledOut(revision: string, replicas = 2): Promise<void> {
  await eventually(() => {
    const web = cluster.object(deployments, 'x/web');
    expect(web?.metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': revision });
    expect(web?.['status']).toMatchObject({
      observedGeneration: web?.metadata.generation,
      replicas,
      updatedReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
    });
  });
}

test('a Deployment becomes pods on the workers, and says how it goes', async () => {
  cluster.api.store.create(deployments, deployment());
  await rolledOut('1');
  expect(nodesOfPods()).toEqual(['w1', 'w2']);
  expect(cluster.object(deployments, 'x/web')?.['status']).toMatchObject({
    conditions: [
      { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' },
      { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
    ],
  });
  await eventually(() => {
    expect(cluster.events('web')).toEqual([expect.stringMatching(/^Scaled up replica set web-\w+ from 0 to 2$/)]);
    const [first] = cluster.pods();
    expect(cluster.events(first?.metadata.name ?? '')).toEqual([
      expect.stringContaining('Successfully assigned x/web-'),
    ]);
  });
  expect(cluster.problems).toEqual([]);
});

test('a rolling update never has fewer ready pods than it may, and an undo uses the old ReplicaSet again', async () => {
  cluster.api.store.create(deployments, deployment({ replicas: 4 }));
  await rolledOut('1', 4);
  const ready: number[] = [];
  const total: number[] = [];
  cluster.api.store.listen(({ collection }) => {
    if (collection !== 'v1/pods') return;
    const live = cluster.pods().filter((pod) => pod.metadata.deletionTimestamp === undefined);
    ready.push(live.filter(isReady).length);
    total.push(live.length);
  });
  change({ template: templateWith('two') });
  await rolledOut('2', 4);
  expect(Math.min(...ready)).toBeGreaterThanOrEqual(3);
  expect(Math.max(...total)).toBeLessThanOrEqual(5);
  expect(sets()).toHaveLength(2);
  change({ template: deployment().spec.template });
  await rolledOut('3', 4);
  expect(sets()).toHaveLength(2);
});

test('Recreate ends every old pod before the first new one starts', async () => {
  cluster.api.store.create(deployments, deployment({ strategy: { type: 'Recreate' } }));
  await rolledOut('1');
  const old = new Set(cluster.pods().map(({ metadata }) => metadata.name));
  const mixed: string[] = [];
  cluster.api.store.listen(({ event }) => {
    const names = cluster.pods().map(({ metadata }) => metadata.name);
    const both = names.some((name) => old.has(name)) && names.some((name) => !old.has(name));
    if (both) mixed.push(event.object.metadata.name);
  });
  change({ template: templateWith('two') });
  await rolledOut('2');
  expect(mixed).toEqual([]);
});

test('a paused Deployment rolls nothing out until it is resumed', async () => {
  cluster.api.store.create(deployments, deployment());
  await rolledOut('1');
  change({ paused: true, template: templateWith('two') });
  await eventually(() => {
    const web = cluster.object(deployments, 'x/web');
    expect(web?.['status']).toMatchObject({ observedGeneration: web?.metadata.generation });
  });
  expect(sets()).toHaveLength(1);
  change({ paused: false });
  await rolledOut('2');
});

test('a pod that is deleted is replaced, and a surplus one is removed', async () => {
  cluster.api.store.create(deployments, deployment());
  await rolledOut('1');
  const [first] = cluster.pods();
  cluster.api.store.delete('v1/pods', `x/${first?.metadata.name ?? ''}`, {});
  await eventually(() => {
    expect(cluster.pods().filter(isReady)).toHaveLength(2);
    expect(cluster.pods().map(({ metadata }) => metadata.name)).not.toContain(first?.metadata.name);
  });
  change({ replicas: 1 });
  await rolledOut('1', 1);
  await eventually(() => expect(cluster.pods()).toHaveLength(1));
});

test('a DaemonSet has one pod on every node that it tolerates, also on a node that comes later', async () => {
  cluster.api.store.create(daemonSets, daemonSet());
  await eventually(() => expect(nodesOfPods()).toEqual(['w1', 'w2']));
  cluster.api.store.create('v1/nodes', node('w3'));
  await eventually(() => expect(nodesOfPods()).toEqual(['w1', 'w2', 'w3']));
  await eventually(() => {
    expect(cluster.object(daemonSets, 'x/web')?.['status']).toMatchObject({
      desiredNumberScheduled: 3,
      currentNumberScheduled: 3,
      updatedNumberScheduled: 3,
      numberReady: 3,
      numberAvailable: 3,
      numberUnavailable: 0,
      numberMisscheduled: 0,
    });
  });
});

test('a DaemonSet update takes as many pods at once as it may', async () => {
  cluster.api.store.create(daemonSets, daemonSet({ updateStrategy: { rollingUpdate: { maxUnavailable: '100%' } } }));
  await podsReady(cluster, 2);
  const old = new Set(cluster.pods().map(({ metadata }) => metadata.name));
  const before = cluster.object(daemonSets, 'x/web');
  const spec = { ...daemonSet().spec, template: templateWith('two') };
  cluster.api.store.update(daemonSets, 'x/web', {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'web' },
    ...before,
    spec,
  });
  await eventually(() => {
    const ready = cluster.pods().filter(isReady);
    expect(ready).toHaveLength(2);
    expect(ready.some(({ metadata }) => old.has(metadata.name))).toBe(false);
  });
});

test('a DaemonSet has a ControllerRevision for each template, which undo makes the newest, and which go with it', async () => {
  const revisions = (): ControllerRevision[] =>
    cluster.api.store.list('apps/v1/controllerrevisions') as ControllerRevision[];
  const numbers = (): number[] => revisions().map(({ revision }) => revision);
  const use = (template: Deployment['spec']['template']): void => {
    const before = cluster.object(daemonSets, 'x/web') ?? daemonSet();
    cluster.api.store.update(daemonSets, 'x/web', { ...before, spec: { ...daemonSet().spec, template } });
  };
  const everyPodIsOf = async (number: number): Promise<void> =>
    await eventually(() => {
      const { metadata } = revisions().find(({ revision }) => revision === number) ?? daemonSet();
      const label = metadata.labels?.['controller-revision-hash'];
      const labels = cluster.pods().map((pod) => pod.metadata.labels?.['controller-revision-hash']);
      expect([label, ...labels]).toEqual([expect.any(String), label, label]);
    });
  cluster.api.store.create(daemonSets, daemonSet());
  await everyPodIsOf(1);
  const { uid } = cluster.object(daemonSets, 'x/web')?.metadata ?? {};
  expect(revisions()).toMatchObject([
    {
      metadata: {
        name: expect.stringMatching(/^web-\w+$/),
        labels: { app: 'web' },
        ownerReferences: [{ kind: 'DaemonSet', name: 'web', uid, controller: true }],
      },
      data: { spec: { template: { ...daemonSet().spec.template, $patch: 'replace' } } },
      revision: 1,
    },
  ]);
  use(templateWith('two'));
  await everyPodIsOf(2);
  expect(numbers()).toEqual([1, 2]);
  use(daemonSet().spec.template);
  await everyPodIsOf(3);
  expect(numbers()).toEqual([3, 2]);
  cluster.api.store.delete(daemonSets, 'x/web', {});
  await eventually(() => expect(revisions()).toEqual([]));
  expect(cluster.problems).toEqual([]);
});
