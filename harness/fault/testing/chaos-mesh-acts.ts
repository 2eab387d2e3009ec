import type { KubeObject } from '../../cluster/client.ts';
import type { FakeWorld } from './fake-cluster.ts';

/** What Chaos Mesh was seen to write into a status (research: one record per target, conditions without order). */
export function chaosStatus(said: 'injected' | 'failed' | 'selected-nothing', message = 'no running task found') {
  const failed = { operation: 'Apply', type: 'Failed', message };
  const applied = { operation: 'Apply', type: 'Succeeded' };
  const isInjected = said === 'injected';
  const record = {
    id: 'x',
    phase: isInjected ? 'Injected' : 'Not Injected',
    injectedCount: isInjected ? 1 : 0,
    recoveredCount: 0,
    events: [isInjected ? applied : failed],
  };
  return {
    conditions: [
      { type: 'AllInjected', status: isInjected ? 'True' : 'False' },
      { type: 'Selected', status: said === 'selected-nothing' ? 'False' : 'True' },
    ],
    experiment: { desiredPhase: 'Run', ...(said !== 'selected-nothing' && { containerRecords: [record] }) },
  };
}

/** The controller takes the object over: its finalizer, and a status. */
export function takeOver(world: FakeWorld, chaos: KubeObject, status: Readonly<Record<string, unknown>>): void {
  const metadata = { ...chaos.metadata, finalizers: ['chaos-mesh/records'] };
  world.api.merge('PodChaos', chaos.metadata.name, { metadata, status });
}

/**
 * A container-kill of kube-apiserver as it was seen: the API goes with its container, comes back when the kubelet has
 * restarted it, and the PodChaos, whose status could not be written, kills again unless it was deleted by then.
 */
export function killsApiServer(world: FakeWorld, chaos: KubeObject, downMs = 3_000, againAfterMs = 2_000): void {
  takeOver(world, chaos, chaosStatus('failed'));
  world.clock.after(400, () => killOnce(world, chaos.metadata.name, downMs, againAfterMs));
}

/**
 * The same when the API is away so shortly that the controller lives on: from its stale view it kills again, although the
 * PodChaos is being deleted. One that stands still does nothing, and one that began anew sees the deletion.
 */
export function staleController(world: FakeWorld, chaos: KubeObject): void {
  const { api, clock, controlPlane, observations, workers } = world;
  takeOver(world, chaos, chaosStatus('failed'));
  const kill = (): void => {
    controlPlane.kill('kube-apiserver', 1_000);
    api.setUp(false);
    observations.see('api', 'connect:refused');
    clock.after(1_000, () => {
      api.setUp(true);
      observations.see('api', 'ok');
    });
  };
  clock.after(400, kill);
  clock.after(6_000, () => void reconcile());
  const reconcile = async (): Promise<void> => {
    const [newest] = (await workers[0]?.containers.find('chaos-mesh')) ?? [];
    if (newest === undefined) return;
    if (newest.attempt > 0) api.remove('PodChaos', chaos.metadata.name);
    else if (!(await workers[0]?.containers.isFrozen?.(newest.id))) kill();
  };
}

function killOnce(world: FakeWorld, chaosName: string, downMs: number, againAfterMs: number): void {
  const { api, clock, controlPlane, observations } = world;
  const live = (): KubeObject | undefined => api.objects.find(({ metadata }) => metadata.name === chaosName);
  if (live() === undefined) return;
  controlPlane.kill('kube-apiserver', downMs);
  api.setUp(false);
  observations.see('api', 'connect:refused');
  clock.after(downMs, () => {
    api.setUp(true);
    observations.see('api', 'ok');
  });
  // The finalizer goes as soon as a controller sees the deletion; until then it tries to inject again.
  clock.after(downMs + againAfterMs, () => {
    if (live()?.metadata.deletionTimestamp === undefined) killOnce(world, chaosName, downMs, againAfterMs);
    else api.remove('PodChaos', chaosName);
  });
}
