import type { Duration } from '../core/duration.ts';
import type { TelemetryAgentSpec } from './spec.ts';

/** What a rung of the break-glass ladder can promise. */
export const rungPromises = ['read', 'write', 'relieve', 'remove'] as const;

/**
 * `read`: a GET through this way succeeds; `write`: a PATCH does, and is read back through another one; `relieve`: the
 * normal admin's mutating calls get through again; `remove`: the agents send no request any more.
 */
export type RungPromise = (typeof rungPromises)[number];

/** Where the API server is called from. */
type Via = 'address' | 'loopback';

/** Ways that can be taken at the same time: they take no choice, and change something instead of only calling. */
export const remedyWays = [
  'stop-agents',
  'block-agents',
  'second-api-server',
  'restart-api-server',
  'take-rights',
  'fewer-nodes',
  'flow-schema',
  'raise-limits',
] as const;

export type RemedyWay = (typeof remedyWays)[number];

/** How a rung is climbed. */
export type WaySpec =
  | {
      /** Calls the API: at the address that operators use, or on the control-plane node's own loopback. */
      readonly way: 'call';
      readonly credential: 'admin' | 'break-glass';
      readonly via: Via;
      /** A kubeconfig of the team's own, in place of the cluster's; null: the cluster's. */
      readonly kubeconfig: string | null;
    }
  /** Stops the agents' containers on their nodes until the normal admin can delete their DaemonSet. */
  | { readonly way: 'stop-agents' }
  /** Rejects the agents' traffic to the API server on their own nodes. */
  | { readonly way: 'block-agents' }
  /** Starts a second API server on the control-plane node, on a port of its own. */
  | { readonly way: 'second-api-server' }
  /** Parks kube-apiserver and starts it again. */
  | { readonly way: 'restart-api-server' }
  /** Deletes the ClusterRoleBinding of the agents. */
  | { readonly way: 'take-rights' }
  /** Freezes the agents of every second worker, as if those nodes had been taken out of the cluster. */
  | { readonly way: 'fewer-nodes' }
  /** Gives the agents a FlowSchema and a small priority level of their own. */
  | { readonly way: 'flow-schema' }
  /** Ten times the requests in flight in the manifest of kube-apiserver, which restarts. */
  | { readonly way: 'raise-limits' }
  | {
      /** These at the same time; the normal admin deletes the agents' DaemonSet as soon as a call gets through. */
      readonly way: 'remedies';
      /** Empty: nothing is done, the control of all others. What the backend cannot do is left out and told. */
      readonly ways: readonly RemedyWay[];
      /** Which API server that admin calls; `second` needs second-api-server among the ways. */
      readonly operator: 'first' | 'second';
    }
  | {
      /** The team's own command, without a shell; KUBECONFIG is that of the credential. */
      readonly way: 'command';
      readonly argv: readonly string[];
      readonly credential: 'admin' | 'break-glass';
    };

/** One way in, with what it promises and what it needs. */
export type RungSpec = {
  readonly name: string;
  /** Empty: the normal path, which must fail under overload (`call` as admin), or remedies, which are measured. */
  readonly promises: readonly RungPromise[];
  /** Wall time in which every promise is kept, from the moment the rung is tried. */
  readonly within: Duration;
  /** What must work for it: load balancer, node shell, SSO, … */
  readonly dependsOn: readonly string[];
  /** Where the backend cannot do it, that is told and does not keep the run from a verdict. */
  readonly optional: boolean;
} & WaySpec;

/** Tries one rung while the load is there and the normal admin is locked out. */
export interface AttemptStepSpec {
  readonly kind: 'attempt';
  readonly name: string;
  readonly rung: RungSpec;
  /** Which load: told in the report. */
  readonly level: string;
  readonly load: TelemetryAgentSpec;
  /** Wall time without a request that counts as removed. */
  readonly quiet: Duration;
}
