import type { Clock } from '../../core/clock.ts';
import type { Run } from '../../core/command.ts';
import { poll } from '../../core/poll.ts';
import type { ApiClient } from '../client.ts';
import { coreDnsDeployment } from '../core-dns-placement.ts';
import { nodeContainers } from './containers.ts';
import { plainName, runInNode } from './node-script.ts';

export interface RenewOptions {
  readonly api: ApiClient;
  readonly controlPlanes: readonly string[];
  readonly run: Run;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The API server first: the others lose their lease when it is away for long. */
const staticPods = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

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
export async function renew({ api, controlPlanes, run, clock, signal }: RenewOptions): Promise<void> {
  for (const node of controlPlanes) {
    for (const name of staticPods) {
      const [newest] = await nodeContainers(node, run).find(name);
      if (!newest || newest.attempt === 0) continue;
      await runInNode(run, node, renewPod, [plainName(name), String(clock.now().getTime())]);
      await poll(async () => ((await api.ready()) ? true : undefined), {
        clock,
        signal,
        intervalMs: 250,
        timeoutMs: 120_000,
        what: `the API server after ${name} was renewed`,
      });
    }
  }
  const pods = await api.list({
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'kube-system',
    labelSelector: 'k8s-app=kube-dns',
  });
  if (pods.every((pod) => restartsOf(pod.status) === 0)) return;
  const annotations = { 'kubectl.kubernetes.io/restartedAt': clock.now().toISOString() };
  await api.patch(coreDnsDeployment, { spec: { template: { metadata: { annotations } } } });
}

function restartsOf(status: Readonly<Record<string, unknown>> | undefined): number {
  const { containerStatuses = [] } = (status ?? {}) as {
    containerStatuses?: readonly { readonly restartCount: number }[];
  };
  return containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0);
}
