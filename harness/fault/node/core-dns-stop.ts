import type { Cluster } from '../../cluster/cluster.ts';
import type { Clock } from '../../core/clock.ts';
import { pasteable } from '../../core/command.ts';
import { poll } from '../../core/poll.ts';
import type { Change } from '../../undo/change.ts';
import { runningContainers, shortId, type TargetContainer } from '../confirm/target-container.ts';

/** The kubelet's back-off was seen to keep CoreDNS away for 18 to 20 s; once more is 40 s. */
const restartMs = 60_000;

/**
 * Stops one CoreDNS container. The kubelet is the one who takes it back, by itself; no command can do it better, so the
 * undo command only shows the pods, and the verification is what counts: CoreDNS must run again on the node.
 */
export function stopCoreDns(
  { node, container }: TargetContainer,
  { kubectl }: Pick<Cluster, 'kubectl'>,
  clock: Clock,
): Change {
  const argv = [...kubectl, '-n', container.namespace, 'get', 'pods', '-l', 'k8s-app=kube-dns', '-o', 'wide'];
  const describe = `stop CoreDNS container ${shortId(container)} on ${node.name} (the kubelet starts it again)`;
  const look = async (): Promise<true | undefined> => {
    const running = await runningContainers([node], container.name, container.namespace);
    return running.length > 0 ? true : undefined;
  };
  return {
    describe,
    undo: { argv, timeoutMs: 15_000 },
    needs: 'api',
    snapshot: async () => {},
    apply: async () => await node.containers.stop(container.id),
    verify: async () => {
      try {
        const what = `CoreDNS to run on ${node.name}`;
        await poll(look, { clock, what, intervalMs: 1_000, timeoutMs: restartMs });
        return [];
      } catch {
        return [{ what: `CoreDNS does not run again on ${node.name}`, command: pasteable(argv) }];
      }
    },
  };
}
