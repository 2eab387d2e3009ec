import type { Clock } from '../../core/clock.ts';
import type { Run } from '../../core/command.ts';
import { poll } from '../../core/poll.ts';
import type { ApiClient } from '../client.ts';
import { nodeContainers } from './containers.ts';
import { runInNode } from './node-script.ts';

export interface RenewOptions {
  readonly api: ApiClient;
  readonly nodes: readonly { readonly name: string; readonly role: 'control-plane' | 'worker' }[];
  readonly run: Run;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const controllers = ['kube-controller-manager', 'kube-scheduler'];

/** What runs goes on running; only the kubelet's memory is new. */
const restartKubelet = 'systemctl restart kubelet';

/**
 * Makes every kubelet forget what crashed in an earlier run. It lets a container that has crashed wait, up to five minutes,
 * and forgets only after ten: without this, a run on a used cluster would be judged on the run before it. A new kubelet
 * also writes missing mirror pods at once, which else took up to 120 s after an outage.
 */
export async function renew(options: RenewOptions): Promise<void> {
  await Promise.all(options.nodes.map(async ({ name }) => await runInNode(options.run, name, restartKubelet)));
  await apiReady(options);
}

/** The same for the controllers alone: after an outage of the API server they would wait before they take pods away. */
export async function renewControllers(options: RenewOptions): Promise<void> {
  const { api, nodes, run } = options;
  const controlPlanes = nodes.filter((node) => node.role === 'control-plane');
  const crashed = await Promise.all(
    controlPlanes.flatMap(({ name }) =>
      controllers.map(async (controller) => {
        const [newest] = await nodeContainers(name, run).find(controller);
        return newest && newest.state !== 'running' ? [controller] : [];
      }),
    ),
  );
  if (crashed.flat().length === 0) return;
  await Promise.all(controlPlanes.map(async ({ name }) => await runInNode(run, name, restartKubelet)));
  await apiReady(options);
  for (const name of new Set(crashed.flat())) {
    // What crashed could not give its lease back; the new one would wait 15 s for it to run out.
    await api.delete({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'kube-system', name });
  }
}

async function apiReady({ api, clock, signal }: RenewOptions): Promise<void> {
  await poll(async () => ((await api.ready()) ? true : undefined), {
    clock,
    signal,
    intervalMs: 250,
    timeoutMs: 120_000,
    what: 'the API server to be ready',
  });
}
