import type { KubeObject, ObjectMeta } from '../client/types.ts';

/** A PodChaos, as far as it is looked into. */
export interface PodChaos extends KubeObject {
  readonly metadata: ObjectMeta;
  readonly spec: PodChaosSpec;
  readonly status?: PodChaosStatus;
}

interface PodChaosSpec {
  readonly action: 'pod-kill' | 'pod-failure' | 'container-kill';
  readonly mode: 'one' | 'all' | 'fixed' | 'fixed-percent' | 'random-max-percent';
  /** Number or percentage, for the last three modes. */
  readonly value?: string;
  readonly selector: PodSelector;
  readonly containerNames?: readonly string[];
  /** `30s`, `1m30s`: for pod-failure. The other actions are over at once and ignore it. */
  readonly duration?: string;
  /** Seconds; for pod-kill. Default 0. */
  readonly gracePeriod?: number;
}

interface PodSelector {
  /** Default: the namespace of the PodChaos. */
  readonly namespaces?: readonly string[];
  readonly labelSelectors?: Readonly<Record<string, string>>;
  readonly fieldSelectors?: Readonly<Record<string, string>>;
  /** Only pods on these nodes. Default: on any. */
  readonly nodes?: readonly string[];
  /** By namespace. Given, the others do not count. */
  readonly pods?: Readonly<Record<string, readonly string[]>>;
}

export interface PodChaosStatus {
  readonly conditions: readonly { readonly type: string; readonly status: 'True' | 'False' }[];
  readonly experiment: {
    readonly desiredPhase: 'Run' | 'Stop';
    /** Missing when nothing was selected. */
    readonly containerRecords?: readonly ChaosRecord[];
  };
}

export interface ChaosRecord {
  /** `namespace/pod`, or `namespace/pod/container` for container-kill. */
  readonly id: string;
  readonly selectorKey: '.';
  readonly phase: 'Injected' | 'Not Injected';
  readonly injectedCount: number;
  readonly recoveredCount: number;
  readonly events: readonly ChaosRecordEvent[];
}

export interface ChaosRecordEvent {
  readonly operation: 'Apply' | 'Recover';
  readonly type: 'Succeeded' | 'Failed';
  readonly timestamp: string;
  readonly message?: string;
}

/** Chaos Mesh's own limit of events per record. */
const maxEvents = 100;
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

export function newRecord(id: string): ChaosRecord {
  return { id, selectorKey: '.', phase: 'Not Injected', injectedCount: 0, recoveredCount: 0, events: [] };
}

/** The record after a try; `problem` says why it failed. */
export function recordAfter(
  record: ChaosRecord,
  operation: ChaosRecordEvent['operation'],
  now: Date,
  problem?: string,
): ChaosRecord {
  const failed = problem !== undefined;
  const event: ChaosRecordEvent = {
    operation,
    type: failed ? 'Failed' : 'Succeeded',
    timestamp: now.toISOString().replace(/\.\d+Z$/, 'Z'),
    ...(failed && { message: problem }),
  };
  const events = [...record.events, event].slice(-maxEvents);
  if (failed) return { ...record, events };
  if (operation === 'Apply') return { ...record, events, phase: 'Injected', injectedCount: record.injectedCount + 1 };
  return { ...record, events, phase: 'Not Injected', recoveredCount: record.recoveredCount + 1 };
}

/** `AllRecovered` is also true when nothing was ever injected. */
export function statusOf(
  desiredPhase: 'Run' | 'Stop',
  records: readonly ChaosRecord[] | undefined,
  paused: boolean,
): PodChaosStatus {
  return {
    conditions: [
      condition('Selected', records !== undefined),
      condition('AllInjected', records?.every(({ phase }) => phase === 'Injected') ?? false),
      condition('AllRecovered', records?.every(({ phase }) => phase === 'Not Injected') ?? false),
      condition('Paused', paused),
    ],
    experiment: { desiredPhase, ...(records && { containerRecords: records }) },
  };
}

function condition(type: string, holds: boolean): PodChaosStatus['conditions'][number] {
  return { type, status: holds ? 'True' : 'False' };
}

export function isPaused({ metadata }: KubeObject): boolean {
  return metadata.annotations?.['experiment.chaos-mesh.org/pause'] === 'true';
}

/** Milliseconds until a pod-failure is over; undefined: never. */
export function msLeft({ spec, metadata }: PodChaos, now: Date): number | undefined {
  if (spec.action !== 'pod-failure' || spec.duration === undefined) return undefined;
  const parts = [...spec.duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const durationMs = parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (unitMs[unit] ?? 0), 0);
  return parts.length === 0 ? undefined : Date.parse(metadata.creationTimestamp ?? '') + durationMs - now.getTime();
}
