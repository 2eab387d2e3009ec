import type { Duration, ScaledDuration } from '../core/duration.ts';
import type {
  ApiServerCpuSpec,
  ApiServerDownSpec,
  ApiServerHangSpec,
  ApiServerLaneSpec,
  CacheUpstream,
  CoreDnsLaneSpec,
  CoreDnsRestartSpec,
  FaultSpec,
  InjectStepSpec,
  NodeDnsCacheLaneSpec,
  NodePauseSpec,
  ObserveStepSpec,
  OperateStepSpec,
  OperatorLaneSpec,
  PodChaosAction,
  PodChaosFileSpec,
  PodChaosSpec,
  PodSelector,
  ServeStale,
  TelemetryAgentSpec,
  TelemetryRolloutSpec,
  WhenSpec,
  YamlFile,
} from './spec.ts';

/** Pods of the control plane that faults can select, by the labels that kubeadm gives them. */
export const pods = {
  coreDns: { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
  apiServer: { namespace: 'kube-system', labels: { component: 'kube-apiserver' } },
} as const satisfies Record<string, PodSelector>;

export interface PodChaosOptions {
  readonly action: PodChaosAction;
  readonly select: PodSelector;
  /** Default `one`, chosen with the seed. */
  readonly mode?: 'one' | 'all';
  /** Needed for container-kill, and only there. */
  readonly containerNames?: readonly string[];
  /** Wall time; only for pod-failure. Default: until the heal. */
  readonly duration?: Duration;
}

/** A Chaos Mesh PodChaos, or one from a manifest of the user's own. */
export function podChaos(options: PodChaosOptions): PodChaosSpec;
export function podChaos(options: { readonly file: YamlFile }): PodChaosFileSpec;
export function podChaos(options: PodChaosOptions | { readonly file: YamlFile }): PodChaosSpec | PodChaosFileSpec {
  if ('file' in options) return { kind: 'pod-chaos-file', file: options.file };
  const { action, select, mode = 'one', containerNames = [], duration = null } = options;
  return { kind: 'pod-chaos', action, select, mode, containerNames, duration };
}

/** Holds the API down: the static pod of kube-apiserver is parked. Needs no API. */
export function apiServerDown(): ApiServerDownSpec {
  return { kind: 'api-server-down' };
}

/** Freezes kube-apiserver: it accepts connections and answers nothing. Needs no API. */
export function apiServerHang(): ApiServerHangSpec {
  return { kind: 'api-server-hang' };
}

/** Makes kube-apiserver small, so that a laptop shows what thousands of nodes show. Needs no API; only where there are cgroups. */
export function apiServerCpu(millicores: number): ApiServerCpuSpec {
  return { kind: 'api-server-cpu', millicores };
}

/** Stops every CoreDNS container on its node; with the API down they come up unsynced. Needs no API. */
export function coreDnsRestart(): CoreDnsRestartSpec {
  return { kind: 'core-dns-restart' };
}

/** Pauses the control-plane node with everything on it. Needs no API. */
export function nodePause(): NodePauseSpec {
  return { kind: 'node-pause' };
}

/**
 * The synthetic telemetry agent, the same in every mode: once in 20 s, of 1,000 nodes, at 4 MB/s as a small CPU limit lets
 * it, and deaf to Retry-After. Which call OpenAI's agent made was never published: this one is a model.
 */
export function telemetryAgent(
  mode: TelemetryAgentSpec['mode'],
  options: Partial<Omit<TelemetryAgentSpec, 'mode'>> = {},
): TelemetryAgentSpec {
  return {
    mode,
    resource: 'pods',
    interval: '20s',
    jitter: 0.2,
    concurrency: 1,
    timeout: '60s',
    retry: 'none',
    readBytesPerS: 4e6,
    nodes: 1_000,
    ...options,
  };
}

/** Rolls out another configuration of the telemetry agent. Undone with the break-glass credential. */
export function telemetryRollout(agent: TelemetryAgentSpec): TelemetryRolloutSpec {
  return { kind: 'telemetry-rollout', agent };
}

/** A step that injects a fault. `name` is what plan, report and `--sabotage` call it. Default: at once. */
export function inject(name: string, fault: FaultSpec, options: { readonly when?: WhenSpec } = {}): InjectStepSpec {
  return { kind: 'inject', name, fault, when: options.when ?? null };
}

/** A step that only watches, with all faults active. */
export function observe(time: ScaledDuration): ObserveStepSpec {
  return { kind: 'observe', time };
}

/** A step in which an operator types a kubectl command, timed. Default: as admin, ended after 60 s. */
export function operate(
  name: string,
  kubectl: readonly string[],
  options: { readonly credential?: OperateStepSpec['credential']; readonly timeout?: Duration } = {},
): OperateStepSpec {
  const { credential = 'admin', timeout = '60s' } = options;
  return { kind: 'operate', name, kubectl, credential, timeout };
}

/** An age of the entry that a cache lane holds, for `when`. The offset is wall time; negative for before. */
export function cached(lane: string, age: Pick<WhenSpec, 'from' | 'offset'>): WhenSpec {
  return { lane, from: age.from, offset: age.offset };
}

/** A lane that asks CoreDNS itself. */
export function coreDns(): CoreDnsLaneSpec {
  return { kind: 'core-dns' };
}

export interface NodeDnsCacheOptions {
  /** How long an answer is held: minimum and maximum TTL of the cache. At least 5 s of wall time. */
  readonly hold: ScaledDuration;
  /** Default `off`. */
  readonly serveStale?: ServeStale;
  /** Default `tcp`: over UDP a refused query looks like a time-out and a stale entry loses seconds. */
  readonly forward?: 'tcp' | 'udp';
  /** Which CoreDNS pods it asks. Default `ready`: the Service kube-dns. */
  readonly upstream?: CacheUpstream;
}

/** A lane that asks a DNS cache on its own node, in front of CoreDNS. */
export function nodeDnsCache(options: NodeDnsCacheOptions): NodeDnsCacheLaneSpec {
  const { hold, serveStale = 'off', forward = 'tcp', upstream = 'ready' } = options;
  return { kind: 'node-dns-cache', hold, serveStale, forward, upstream };
}

/** A lane that asks the API server for /readyz on a connection that is kept alive. */
export function apiServer(): ApiServerLaneSpec {
  return { kind: 'api-server' };
}

/** A lane of calls that an operator makes from outside the cluster, one a second. Deadline 10 s, as people wait. */
export function operator(
  credential: OperatorLaneSpec['credential'],
  call: OperatorLaneSpec['call'],
  options: Pick<OperatorLaneSpec, 'rateHz'> = {},
): OperatorLaneSpec {
  return { kind: 'operator', credential, call, ...options };
}
