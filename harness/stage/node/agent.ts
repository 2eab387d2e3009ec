import { join } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import { informer } from '../client/informer.ts';
import { resources } from '../client/resources.ts';
import type { Informer } from '../client/types.ts';
import { eventRecorder } from '../controllers/base/events.ts';
import { ContainerRecords } from './container-records.ts';
import { serveControl } from './control-server.ts';
import { controlRoutes, remove, restore, thaw } from './control.ts';
import { MirrorPods } from './mirror-pods.ts';
import { startHeartbeat } from './node-heartbeat.ts';
import type { Node, NodeSettings } from './node.ts';
import { PodManager } from './pod-manager.ts';
import { isMirror } from './pod.ts';
import { killPods } from './proc.ts';
import { StaticPodSource } from './static-pod-source.ts';
import { startUndoTimers } from './undo-timers.ts';

/**
 * Starts the node agent: static pods at once, all others when the API is there. Gives what stops it: that closes the
 * control socket and kills every pod at once, before it returns, and resolves when they are gone.
 */
export async function startAgent(settings: NodeSettings): Promise<() => Promise<void>> {
  const stopped = new AbortController();
  const node = nodeOf(settings, stopped.signal);
  const { folder, records } = node;
  // What an agent that was killed itself has left: its ports are free only when it is gone.
  const left = await killPods(folder);
  if (left > 0) node.onProblem(`killed ${left} process groups, left by the agent before`);
  const api: { informer?: Informer } = {};
  const known = () => (api.informer?.hasSynced() ? api.informer.objects : undefined);
  const mirrors: MirrorPods = new MirrorPods(node, known, () => source.pods);
  const pods = new PodManager(node, (pod) => mirrors.mirrorOf(pod));
  const source = new StaticPodSource(node, (all) => {
    pods.setStatic(all);
    mirrors.reconcile();
  });
  const parts = { records, source, pods, mirrors };
  source.start();
  const timers = startUndoTimers(join(folder, 'timers'), async ({ kind, target }) => {
    if (kind === 'thaw') thaw(parts, target);
    else if (kind === 'remove') await remove(parts, target);
    else await restore(parts, target);
  });
  const closeControl = await serveControl(join(folder, 'control.sock'), records, controlRoutes(parts, timers));
  followApi(node, api, pods, mirrors).catch(() => undefined);
  return async () => {
    stopped.abort();
    api.informer?.stop();
    source.stop();
    timers.stop();
    closeControl();
    await pods.stop();
  };
}

function nodeOf(settings: NodeSettings, signal: AbortSignal): Node {
  const { client, clock, folder, address } = settings;
  const [, cluster, , number] = address.split('.');
  const { PATH = '/usr/local/bin:/usr/bin:/bin', NODE_COMPILE_CACHE } = process.env;
  return {
    ...settings,
    baseEnv: {
      PATH,
      // Our programs start quicker and smaller.
      ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }),
      KUBERNETES_SERVICE_HOST: `127.${cluster}.200.1`,
      KUBERNETES_SERVICE_PORT: '443',
      KUBERNETES_SERVICE_PORT_HTTPS: '443',
    },
    records: new ContainerRecords(join(folder, 'logs')),
    record: eventRecorder(client, clock),
    freeAddresses: Array.from({ length: 253 }, (_, index) => `127.${cluster}.${number}.${index + 2}`),
    signal,
  };
}

/** Registers the node, then follows its pods. Rejects when the agent is stopped before. */
async function followApi(
  node: Node,
  api: { informer?: Informer },
  pods: PodManager,
  mirrors: MirrorPods,
): Promise<void> {
  await startHeartbeat(node);
  api.informer = informer(node.client, resources.pods, {
    fieldSelector: `spec.nodeName=${node.name}`,
    onChange: (change) => {
      pods.onApiChange(change);
      if (change.type === 'deleted' && isMirror(change.object)) mirrors.onDeleted(change.object);
      else mirrors.reconcile();
    },
    onError: (problem) => node.onProblem(messageOf(problem)),
    clock: node.clock,
  });
  await api.informer.synced;
  mirrors.reconcile();
}
