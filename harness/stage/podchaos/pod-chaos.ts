import type { KubeObject } from '../client/types.ts';
import { apiTime } from '../node/time.ts';

/** A PodChaos, as far as it is looked into. */
export interface PodChaos extends KubeObject {
  readonly spec: {
    readonly action: 'pod-kill' | 'pod-failure' | 'container-kill';
    readonly mode: 'one' | 'all' | 'fixed' | 'fixed-percent';
    /** Number or percentage, for the last two modes. */
    readonly value?: string;
    readonly selector: {
      /** Default: the namespace of the PodChaos. */
      readonly namespaces?: readonly string[];
      readonly labelSelectors?: Readonly<Record<string, string>>;
      readonly fieldSelectors?: Readonly<Record<string, string>>;
      /** Only pods on these nodes. Default: on any. */
      readonly nodes?: readonly string[];
      /** By namespace. Given, the others do not count. */
      readonly pods?: Readonly<Record<string, readonly string[]>>;
    };
    readonly containerNames?: readonly string[];
    /** `30s`, `1m30s`: for pod-failure. The other actions are over at once and ignore it. */
    readonly duration?: string;
    /** Seconds; for pod-kill. Default 0. */
    readonly gracePeriod?: number;
  };
  readonly status?: PodChaosStatus;
}

export type DesiredPhase = 'Run' | 'Stop';

export interface PodChaosStatus {
  readonly conditions: readonly { readonly type: string; readonly status: 'True' | 'False' }[];
  /** Without records when nothing was selected. */
  readonly experiment: { readonly desiredPhase: DesiredPhase; readonly containerRecords?: readonly ChaosRecord[] };
}

export interface ChaosRecord {
  /** `namespace/pod`, or `namespace/pod/container` for container-kill. */
  readonly id: string;
  readonly selectorKey: '.';
  readonly phase: 'Injected' | 'Not Injected';
  readonly injectedCount: number;
  readonly recoveredCount: number;
  readonly events: readonly {
    readonly operation: 'Apply' | 'Recover';
    readonly type: 'Succeeded' | 'Failed';
    readonly timestamp: string;
    readonly message?: string;
  }[];
}

/** Chaos Mesh's own limit of events per record. */
const maxEvents = 100;
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

export function newRecord(id: string): ChaosRecord {
  return { id, selectorKey: '.', phase: 'Not Injected', injectedCount: 0, recoveredCount: 0, events: [] };
}

/** The record after a try to bring it to a phase; `problem` says why it failed. */
export function recordAfter(record: ChaosRecord, desired: DesiredPhase, now: Date, problem?: string): ChaosRecord {
  const operation = desired === 'Run' ? 'Apply' : 'Recover';
  const end = problem === undefined ? { type: 'Succeeded' as const } : { type: 'Failed' as const, message: problem };
  const events = [...record.events, { operation, timestamp: apiTime(now), ...end } as const].slice(-maxEvents);
  if (problem !== undefined) return { ...record, events };
  if (desired === 'Run') return { ...record, events, phase: 'Injected', injectedCount: record.injectedCount + 1 };
  return { ...record, events, phase: 'Not Injected', recoveredCount: record.recoveredCount + 1 };
}

/** `AllRecovered` is also true when nothing was ever injected; nothing is true when nothing was selected. */
export function statusOf(desiredPhase: DesiredPhase, records: readonly ChaosRecord[] | undefined): PodChaosStatus {
  const holds = {
    Selected: records !== undefined,
    AllInjected: records?.every(({ phase }) => phase === 'Injected'),
    AllRecovered: records?.every(({ phase }) => phase === 'Not Injected'),
    Paused: false,
  };
  return {
    conditions: Object.entries(holds).map(([type, yes]) => ({ type, status: yes ? 'True' : 'False' })),
    experiment: { desiredPhase, ...(records && { containerRecords: records }) },
  };
}

/** Milliseconds until a pod-failure is over; undefined: never. */
export function msLeft({ spec, metadata }: PodChaos, now: Date): number | undefined {
  if (spec.action !== 'pod-failure') return undefined;
  const parts = [...(spec.duration ?? '').matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const durationMs = parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (unitMs[unit] ?? 0), 0);
  return parts.length === 0 ? undefined : Date.parse(metadata.creationTimestamp ?? '') + durationMs - now.getTime();
}
