import type { KubeObject } from '../../cluster/client.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Clock } from '../../core/clock.ts';
import { pasteable } from '../../core/command.ts';
import { BlackstartError } from '../../core/errors.ts';
import type { Leftover } from '../../core/events.ts';
import { poll } from '../../core/poll.ts';
import type { Change } from '../../undo/change.ts';
import { chaosNamespace, podChaosRef } from './manifest.ts';

/** Chaos Mesh's controller takes its finalizer away within seconds, once it has its lease again (13–17 s observed). */
const finalizerMs = 30_000;
/** The webhook may refuse for a moment while Chaos Mesh itself comes up. */
const createMs = 20_000;

export interface ChangeTools {
  readonly cluster: Pick<Cluster, 'api' | 'kubectl'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A PodChaos in the cluster; its undo deletes it without waiting, its verification waits for the finalizer. */
export function podChaosChange(chaos: KubeObject, { cluster, clock, signal }: ChangeTools): Change {
  const { name } = chaos.metadata;
  const { api } = cluster;
  const inNamespace = [...cluster.kubectl, '-n', chaosNamespace];
  const argv = [...inNamespace, 'delete', 'podchaos.chaos-mesh.org', name, '--ignore-not-found', '--wait=false'];
  return {
    describe: `PodChaos ${chaosNamespace}/${name}`,
    undo: { argv, timeoutMs: 15_000 },
    needs: 'api',
    snapshot: async () => {
      if ((await api.get(podChaosRef(name))) === undefined) return;
      throw new BlackstartError('cluster', `PodChaos ${chaosNamespace}/${name} is already there`);
    },
    apply: async () => {
      const what = `PodChaos ${name} to be accepted`;
      await poll(async () => await createOnce(chaos, api), {
        clock,
        signal,
        what,
        intervalMs: 250,
        timeoutMs: createMs,
      });
    },
    verify: async () => {
      try {
        const what = `PodChaos ${name} to be gone`;
        await poll(async () => await goneOnce(name, api), { clock, what, intervalMs: 500, timeoutMs: finalizerMs });
        return [];
      } catch {
        return [stuck(name, inNamespace)];
      }
    },
  };
}

/** The answer may be lost although the object was made: the fault may have hit the very server that answers. */
async function createOnce(chaos: KubeObject, api: Cluster['api']): Promise<true> {
  try {
    await api.create(chaos);
  } catch (problem) {
    if ((await api.get(podChaosRef(chaos.metadata.name))) === undefined) throw problem;
  }
  return true;
}

async function goneOnce(name: string, api: Cluster['api']): Promise<true | undefined> {
  return (await api.get(podChaosRef(name))) === undefined ? true : undefined;
}

function stuck(name: string, inNamespace: readonly string[]): Leftover {
  const finalizer = 'chaos-mesh.chaos-mesh.org/cleanFinalizer=forced';
  return {
    what: `PodChaos ${chaosNamespace}/${name} is still there: its deletion waits for Chaos Mesh's finalizer`,
    command: pasteable([...inNamespace, 'annotate', 'podchaos.chaos-mesh.org', name, finalizer, '--overwrite']),
  };
}
