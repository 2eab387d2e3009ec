import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import { informer } from '../client/informer.ts';
import { resources } from '../client/resources.ts';
import type { Informer, InformerChange, StageClient } from '../client/types.ts';
import { nodeAddresses } from './addresses.ts';
import { ContainerRecords } from './container-records.ts';
import { serveControl } from './control-server.ts';
import { EventRecorder } from './event-recorder.ts';
import { apiLookup } from './lookup.ts';
import { MirrorPods } from './mirror-pods.ts';
import { NodeControl } from './node-control.ts';
import { startHeartbeat } from './node-heartbeat.ts';
import { capacity, type NodeSettings } from './node-object.ts';
import { PidFolder } from './pid-folder.ts';
import { PodManager } from './pod-manager.ts';
import { isMirror, type Pod } from './pod.ts';
import type { NodeServices } from './pod-worker.ts';
import { stagePrograms, type Program } from './programs.ts';
import { StaticPodSource } from './static-pod-source.ts';
import { StatusWriter } from './status-writer.ts';

const podsFolder = 'pods';
const logsFolder = 'logs';

export interface AgentOptions {
  readonly name: string;
  readonly role: NodeSettings['role'];
  /** `127.C.0.K+1`. */
  readonly address: string;
  /** K: 0 is the control plane. */
  readonly index: number;
  /** The node's own folder, `DATA/nodes/NODE`. */
  readonly folder: string;
  readonly client: StageClient;
  readonly clock: Clock;
  /** Told of what goes wrong, in one line. */
  readonly onProblem: (message: string) => void;
  /** Default: those of the stage. */
  readonly programs?: readonly Program[];
}

export interface Agent {
  /** Closes the control socket and kills every pod at once, before it returns; resolves when they are gone. */
  stop(): Promise<void>;
}

/** Starts the node agent: static pods at once, all others when the API is there. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { name, folder, client, clock, onProblem } = options;
  const stopped = new AbortController();
  const { signal } = stopped;
  const node = await openServices(options);
  const statuses = new StatusWriter(client, clock);
  const api: { known?: Informer } = {};
  const pods: PodManager = new PodManager({ node, statuses, mirrorOf: (pod) => mirrors.mirrorOf(pod) });
  const mirrors = new MirrorPods({
    client,
    clock,
    nodeName: name,
    known: () => (api.known?.hasSynced() ? api.known.objects : undefined),
    staticPods: () => pods.staticPods,
    signal,
  });
  const onStaticPods = (all: readonly Pod[]): void => {
    pods.setStatic(all);
    mirrors.reconcile();
  };
  const manifests = { manifests: join(folder, 'manifests'), parked: join(folder, 'parked') };
  const source = new StaticPodSource(manifests, name, onStaticPods, onProblem);
  const timersFolder = join(folder, 'timers');
  const control = new NodeControl({ records: node.records, source, pods, mirrors, timersFolder });
  const closeControl = await serveControl(control, join(folder, 'control.sock'));
  source.start();
  control.loadTimers();
  void followApi(options, api, { pods, mirrors, statuses, signal });
  return {
    stop: async () => {
      stopped.abort();
      api.known?.stop();
      source.stop();
      control.stopTimers();
      closeControl();
      await pods.stop();
    },
  };
}

async function openServices(options: AgentOptions): Promise<NodeServices> {
  const { name, folder, client, clock, onProblem } = options;
  const addresses = nodeAddresses(options.address, options.index);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pids = new PidFolder(join(folder, 'pids'));
  for (const pid of await pids.killLeftovers()) onProblem(`killed process group ${pid}, left by the agent before`);
  return {
    clock,
    nodeName: name,
    nodeAddress: options.address,
    podsFolder: join(folder, podsFolder),
    allocatable: capacity(),
    baseEnv: baseEnv(addresses.kubernetes),
    programs: options.programs ?? stagePrograms,
    addresses: addresses.pods,
    records: new ContainerRecords(join(folder, logsFolder)),
    pids,
    events: new EventRecorder(client, name, clock),
    lookup: apiLookup(client),
  };
}

/** Registers the node, then follows its pods for as long as the signal lasts. */
async function followApi(options: AgentOptions, api: { known?: Informer }, parts: FollowParts): Promise<void> {
  const { name, folder, client, clock, onProblem, address, role } = options;
  const { podCidr } = nodeAddresses(address, options.index);
  const onError = (problem: unknown): void => onProblem(messageOf(problem));
  const beat = { client, clock, node: { name, address, role, podCidr }, signal: parts.signal, onProblem: onError };
  try {
    await startHeartbeat(beat);
    api.known = informer(client, resources.pods, {
      fieldSelector: `spec.nodeName=${name}`,
      onChange: (change) => onPodChange(change, parts),
      onError,
      clock,
    });
    await api.known.synced;
  } catch {
    // Stopped before.
    return;
  }
  parts.pods.removeOrphans([join(folder, podsFolder), join(folder, logsFolder)]);
  parts.mirrors.reconcile();
}

interface FollowParts {
  readonly signal: AbortSignal;
  readonly pods: PodManager;
  readonly mirrors: MirrorPods;
  readonly statuses: StatusWriter;
}

function onPodChange(change: InformerChange, { pods, mirrors, statuses }: FollowParts): void {
  const pod = change.object as Pod;
  if (!isMirror(pod)) return pods.onApiChange(change);
  const { before } = change;
  if (before && before.metadata.uid !== pod.metadata.uid) statuses.forget(before as Pod);
  if (change.type === 'deleted') {
    statuses.forget(pod);
    mirrors.onDeleted(pod);
  } else {
    pods.onMirror(pod);
    mirrors.reconcile();
  }
}

/** What every container gets beside its own variables. The compile cache makes our programs start quicker and smaller. */
function baseEnv(kubernetes: string): Record<string, string> {
  const { PATH = '/usr/local/bin:/usr/bin:/bin', NODE_COMPILE_CACHE } = process.env;
  return {
    PATH,
    ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }),
    KUBERNETES_SERVICE_HOST: kubernetes,
    KUBERNETES_SERVICE_PORT: '443',
    KUBERNETES_SERVICE_PORT_HTTPS: '443',
  };
}
