import type { Clock } from '../../core/clock.ts';
import type { Run } from '../../core/command.ts';
import { poll } from '../../core/poll.ts';
import type { ApiClient } from '../client.ts';
import { coreDnsDeployment } from '../core-dns-placement.ts';
import { restartsOf } from '../pod-status.ts';
import { nodeContainers } from './containers.ts';
import { plainName, runInNode } from './node-script.ts';

export interface RenewOptions {
  readonly api: ApiClient;
  readonly controlPlanes: readonly string[];
  readonly run: Run;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const controllers = ['kube-controller-manager', 'kube-scheduler'];

/**
 * A label in the manifest makes it a new pod for the kubelet, which keeps back-offs by pod. The new file comes into the
 * folder by a move, because the kubelet would read a half-written one. What runs of the old pod is killed, or the
 * kubelet would wait for its grace period.
 */
const renewPod = [
  'umask 077; file=/etc/kubernetes/manifests/$1.yaml; new=/etc/kubernetes/blackstart-renewed.yaml;',
  'old=$(crictl ps -q --label "io.kubernetes.pod.name=$1-$(hostname)") || exit 1;',
  'grep -v "blackstart/renewed:" "$file" | sed "s|^  labels:\\$|  labels:\\n    blackstart/renewed: \\"$2\\"|" > "$new" || exit 1;',
  'mv -f "$new" "$file"; sleep 0.5;',
  'for id in $old; do crictl stop -t 0 "$id" >/dev/null || true; done',
].join(' ');

/**
 * Gives everything that an earlier run made crash a fresh start. The kubelet lets a container that has crashed wait, up to
 * five minutes, and forgets only after ten: without this, a run on a used cluster would be judged on the run before it.
 */
export async function renew(options: RenewOptions): Promise<void> {
  await renewStaticPods(['kube-apiserver'], options);
  await renewControllers(options);
  await renewCoreDns(options);
}

/** The same for the controllers alone: after an outage of the API server they would wait before they take pods away. */
export async function renewControllers(options: RenewOptions): Promise<void> {
  const { api } = options;
  for (const name of await renewStaticPods(controllers, options)) {
    // What was killed could not give its lease back; the new one would wait 15 s for it to run out.
    await api.delete({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'kube-system', name });
  }
}

/** Gives the names of those that had crashed. */
async function renewStaticPods(
  names: readonly string[],
  { api, controlPlanes, run, clock, signal }: RenewOptions,
): Promise<readonly string[]> {
  const renewed: string[] = [];
  for (const node of controlPlanes) {
    for (const name of names) {
      const [newest] = await nodeContainers(node, run).find(name);
      if (!newest || newest.attempt === 0) continue;
      await runInNode(run, node, renewPod, [plainName(name), String(clock.now().getTime())]);
      renewed.push(name);
    }
  }
  await poll(async () => ((await api.ready()) ? true : undefined), {
    clock,
    signal,
    intervalMs: 250,
    timeoutMs: 120_000,
    what: 'the API server to be ready',
  });
  return renewed;
}

async function renewCoreDns({ api, clock }: RenewOptions): Promise<void> {
  const pods = await api.list({
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'kube-system',
    labelSelector: 'k8s-app=kube-dns',
  });
  if (pods.every((pod) => restartsOf(pod) === 0)) return;
  const annotations = { 'kubectl.kubernetes.io/restartedAt': clock.now().toISOString() };
  await api.patch(coreDnsDeployment, { spec: { template: { metadata: { annotations } } } });
}
