import type { Emit, NodeInfo } from '../core/events.ts';
import type { Change } from '../undo/change.ts';
import type { ApiAnswer, ApiCall } from './api-connection.ts';
import type { ApiClient } from './client.ts';
import type { GoneCluster } from './gone-clusters.ts';

/** A place where experiments run. The same abilities, whatever the cluster is made of. */
export interface Backend {
  readonly name: string;
  /** Whether its nodes have `cpuLimits`. */
  readonly limitsCpu: boolean;
  /** Everything this machine needs, each with what to do about it. */
  doctor(): Promise<readonly Check[]>;
  /** The change that creates a cluster (its undo deletes it), and how to get hold of it afterwards. */
  create(
    spec: ClusterSpec,
    context: ClusterContext,
  ): { readonly change: Change; readonly attach: () => Promise<Cluster> };
  /**
   * What holds its clusters: the ID of the Docker daemon, a folder. What `list` says counts for clusters there only.
   * Undefined when it cannot be told. Never rejects.
   */
  location(): Promise<string | undefined>;
  /** The clusters on this machine that are named like ours, running or not. */
  list(): Promise<readonly string[]>;
  /** Paths of the kubeconfigs of a cluster of ours. */
  credentials(name: string): Promise<Credentials>;
  /** Clusters that are not there while we still keep files about them, as after a machine that died. */
  gone(): Promise<readonly GoneCluster[]>;
  /** Removes what we keep on disk about a cluster that is gone. */
  forget(name: string): void;
  /** Looks whether a cluster could be attached, without its API and without touching it. Rejects as `attach` does. */
  assertOurs(name: string, wants: Omit<ClusterSpec, 'name'>): Promise<void>;
  /**
   * Takes a cluster that we made earlier. Rejects with `foreign-cluster` for any other, with `usage` for one that does
   * not fit. CoreDNS may be elsewhere: `settle` moves it.
   */
  attach(name: string, wants: Omit<ClusterSpec, 'name'>, context: ClusterContext): Promise<Cluster>;
}

/** One line of `doctor`. */
export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'missing';
  /** What was found. */
  readonly found: string;
  /** What to do about it; empty when it is ok. */
  readonly hint: string;
}

export interface ClusterSpec {
  /** Begins with `blackstart-`. */
  readonly name: string;
  readonly workers: number;
  readonly coreDns: 'workers' | 'control-plane';
  /** Ports on the nodes that must be reachable from here with the API down. */
  readonly nodePorts: readonly number[];
}

export interface ClusterContext {
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Folder for logs of a bring-up that failed. */
  readonly runFolder: string;
}

export interface Cluster {
  readonly name: string;
  readonly nodes: readonly ClusterNode[];
  /** Kubernetes, CoreDNS, container runtime, … as the cluster itself reports them. */
  readonly versions: Readonly<Record<string, string>>;
  /** The version of a Chaos Mesh that is part of the cluster; undefined where it must be installed. */
  readonly chaosMesh?: string;
  /** The image that the nodes have for CoreDNS, for the node caches. */
  readonly coreDnsImage: string;
  readonly credentials: Credentials;
  /** Calls the API as the break-glass credential; latency probes have connections of their own. */
  readonly api: ApiClient;
  /**
   * `kubectl` with the break-glass kubeconfig, as an argv to which arguments are added: what we do and undo ourselves must
   * get through when the admin does not.
   */
  readonly kubectl: readonly string[];
  /** The same as an operator has it: with the admin kubeconfig. */
  readonly adminKubectl: readonly string[];
  /**
   * One call to the API server through this door, on a connection of its own. Rejects when it is not answered within the
   * deadline (wall milliseconds).
   */
  callApi(door: ApiDoor, call: ApiCall, deadlineMs: number): Promise<ApiAnswer>;
  /** Where a port of a node is reached from here, without the API: `http://127.0.0.1:PORT`. */
  nodeUrl(node: string, port: number): string;
  /** Pauses and continues nodes from outside. Absent where the backend cannot. */
  readonly freezer?: NodeFreezer;
  /** Gives everything that an earlier run made crash a fresh start, so that its back-offs do not count. */
  renew(): Promise<void>;
  /** The same for the controllers alone; `signal` ends it. */
  renewControllers(signal: AbortSignal): Promise<void>;
  /** Waits until CoreDNS runs where the spec wants it and every control-plane static pod has its mirror pod. */
  settle(): Promise<void>;
  /** Lets go of a cluster that is to stay (--keep). Absent where clusters do not end with their owner. */
  release?(): Promise<void>;
}

/** Paths of kubeconfig files, mode 0600. */
export interface Credentials {
  readonly admin: string;
  /** super-admin.conf: group system:masters, exempt from API Priority and Fairness and from RBAC. */
  readonly breakGlass: string;
}

/** As whom the API server is called, and from where. */
export interface ApiDoor {
  readonly credential: 'admin' | 'break-glass';
  /** At the address that operators use, or on the control-plane node itself, over its loopback. */
  readonly via: 'address' | 'loopback';
  /** Of an API server on another port of the control-plane node (only by loopback); null: the usual one. */
  readonly port: number | null;
}

/** A node, reached without the API. */
export interface ClusterNode extends NodeInfo {
  readonly containers: Containers;
  readonly staticPods: StaticPods;
  /** Absent where the backend has no cgroups. */
  readonly cpuLimits?: CpuLimits | undefined;
  /** Rejects traffic of pods on this node. Absent where the backend cannot. */
  readonly traffic?: PodTraffic;
}

/** One container, as the node's runtime knows it. */
export interface NodeContainer {
  readonly id: string;
  readonly name: string;
  readonly pod: string;
  readonly namespace: string;
  /** Counts the container's restarts within its pod. */
  readonly attempt: number;
  readonly state: 'created' | 'running' | 'exited' | 'unknown';
  /** RFC 3339 with nanoseconds; empty when it never ran. */
  readonly startedAt: string;
}

export interface Containers {
  /** All containers of this name on the node, running or not, newest first. */
  find(name: string): Promise<readonly NodeContainer[]>;
  /** Stops the running container (SIGKILL at once). The kubelet starts it again by itself. */
  stop(id: string): Promise<void>;
  /** Freezes a container; its undo lets it run on. `withinMs`: a timer in the node undoes it at the latest then. */
  freeze(container: NodeContainer, withinMs: number): Change;
  /**
   * The same, but its undo and its timer end the container: for one that must not go on with what it knew. Absent where
   * nothing needs it.
   */
  hold?(container: NodeContainer, withinMs: number): Change;
  /** True when every process of the container stands still. Absent where the backend cannot tell. */
  isFrozen?(id: string): Promise<boolean>;
}

/** How much CPU a container gets, enforced by its own cgroup: the node, etcd and what reaches the node are spared. */
export interface CpuLimits {
  /** Limits the containers of this name, also those that start later; its undo lifts it. `withinMs` as for `freeze`. */
  limit(name: string, millicores: number, withinMs: number): Change;
  /** What the running container's cgroup says; undefined when none runs. Rejects when it could not be looked at. */
  read(name: string): Promise<CpuState | undefined>;
}

export interface CpuState {
  /** The container's. */
  readonly id: string;
  /** null: no limit. */
  readonly millicores: number | null;
  /** Periods of 100 ms in which it was stopped because its share was used up, since it started. */
  readonly throttled: number;
}

export interface StaticPods {
  /** Moves the manifest of a static pod away; its undo puts it back. `withinMs` as for `freeze`. */
  park(name: string, withinMs: number): Change;
  /** The text of a static pod's manifest. */
  read(name: string): Promise<string>;
  /** Gives a static pod another manifest, so that it restarts; its undo puts the first one back. `withinMs` as for `freeze`. */
  replace(name: string, manifest: string, withinMs: number): Change;
  /** Adds a static pod of this name; its undo takes it away. `withinMs` as for `freeze`. */
  add(name: string, manifest: string, withinMs: number): Change;
}

export interface PodTraffic {
  /** Rejects what pods with this label send to an address and port; its undo lets it pass. */
  reject(what: RejectedTraffic): Change;
  /** Applies the rules again to the addresses that such pods have now. */
  renewReject(what: RejectedTraffic): Promise<void>;
}

export interface RejectedTraffic {
  /** `key=value` of the pods. */
  readonly label: string;
  readonly address: string;
  readonly port: number;
}

export interface NodeFreezer {
  /** Stops every process of the node; undone from the host only. */
  pause(node: string): Change;
  /** True when the node stands still, as seen from outside. Absent where the backend cannot tell. */
  isPaused?(node: string): Promise<boolean>;
}
