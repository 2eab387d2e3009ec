/** What the controllers look into, of the kinds that they handle. Everything is as optional as the API lets it be. */
import type { KubeObject } from '../../client/types.ts';

export type Labels = Readonly<Record<string, string>>;
/** Some texts that must be there, and some that may. */
type Texts<Must extends string, May extends string> = Readonly<Record<Must, string> & Partial<Record<May, string>>>;

export type Requirement = Texts<'key' | 'operator', never> & { readonly values?: readonly string[] };
export type Toleration = Texts<never, 'key' | 'operator' | 'value' | 'effect'>;
export type Taint = Texts<'key' | 'effect', 'value'>;
export type Condition = Texts<
  'type' | 'status',
  'reason' | 'message' | 'lastTransitionTime' | 'lastUpdateTime' | 'lastHeartbeatTime'
>;

export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly Requirement[];
}

export interface PodTemplate {
  readonly metadata?: { readonly labels?: Labels; readonly annotations?: Labels };
  readonly spec: PodSpec;
}

export interface PodSpec {
  readonly nodeName?: string;
  readonly nodeSelector?: Labels;
  readonly affinity?: {
    readonly nodeAffinity?: Mandatory<{ readonly nodeSelectorTerms: readonly NodeSelectorTerm[] }>;
    readonly podAffinity?: Mandatory<unknown>;
    readonly podAntiAffinity?: Mandatory<unknown>;
  };
  readonly tolerations?: readonly Toleration[];
  readonly topologySpreadConstraints?: readonly SpreadConstraint[];
  readonly containers: readonly { readonly name: string; readonly ports?: readonly Port[] }[];
  readonly [field: string]: unknown;
}

export type Port = Texts<never, 'name' | 'protocol'> & { readonly containerPort: number };
type NodeSelectorTerm = { readonly [K in 'matchExpressions' | 'matchFields']?: readonly Requirement[] };

interface Mandatory<T> {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: T;
}

export type SpreadConstraint = Texts<'topologyKey' | 'whenUnsatisfiable', never> & {
  readonly maxSkew: number;
  readonly labelSelector?: LabelSelector;
  readonly matchLabelKeys?: readonly string[];
};

export interface Pod extends KubeObject {
  spec: PodSpec;
  status?: { readonly phase?: string; readonly podIP?: string; readonly conditions?: readonly Condition[] };
}

export interface Node extends KubeObject {
  spec?: { readonly unschedulable?: boolean; readonly taints?: readonly Taint[] };
  status?: { readonly conditions?: readonly Condition[] };
}

export interface Service extends KubeObject {
  spec: Texts<never, 'type' | 'clusterIP'> & {
    readonly selector?: Labels;
    readonly publishNotReadyAddresses?: boolean;
    readonly ports?: readonly ServicePort[];
  };
}

type ServicePort = Texts<never, 'name' | 'protocol'> & { readonly port: number; readonly targetPort?: number | string };

/** What all that own pods have in common. */
interface Workload {
  readonly selector: LabelSelector;
  readonly template: PodTemplate;
}

export interface ReplicaSet extends KubeObject {
  spec: Workload & { readonly replicas?: number };
  status?: { readonly [K in 'replicas' | 'readyReplicas' | 'availableReplicas']?: number };
}

/** How many pods too many or too few there may be: a number or a percentage such as `25%`. */
export type IntOrPercent = number | string;
type RollingUpdate = { readonly [K in 'maxSurge' | 'maxUnavailable']?: IntOrPercent };

export interface Deployment extends KubeObject {
  spec: Workload & {
    readonly replicas?: number;
    readonly paused?: boolean;
    readonly strategy?: { readonly type?: string; readonly rollingUpdate?: RollingUpdate | null };
  };
  status?: { readonly conditions?: readonly Condition[] };
}

export interface DaemonSet extends KubeObject {
  spec: Workload & {
    readonly updateStrategy?: { readonly rollingUpdate?: RollingUpdate | null };
    readonly revisionHistoryLimit?: number;
  };
}

export interface ControllerRevision extends KubeObject {
  revision: number;
  /** A strategic merge patch that makes its owner what it was. */
  data: object;
}
