import type { EventEmitter } from 'node:events';
import type { Clock } from '../../../core/clock.ts';
import { hasCode } from '../../client/status-error.ts';
import type { KubeObject, StageClient } from '../../client/types.ts';
import type { RecordEvent } from './events.ts';
import type { ControllerRevision, DaemonSet, Deployment, Node, Pod, ReplicaSet, Service } from './kinds.ts';

/** The resources of which the controllers share a copy, and what their objects are. */
export interface Followed extends Record<'namespaces' | 'endpoints' | 'endpointSlices', KubeObject> {
  pods: Pod;
  nodes: Node;
  services: Service;
  deployments: Deployment;
  replicaSets: ReplicaSet;
  daemonSets: DaemonSet;
  controllerRevisions: ControllerRevision;
}

const workloads = ['pods', 'deployments', 'replicaSets', 'daemonSets', 'controllerRevisions'] as const;
export const followed = [...workloads, 'nodes', 'namespaces', 'services', 'endpoints', 'endpointSlices'] as const;

/** What every controller works with. */
export interface Context {
  readonly client: StageClient;
  /** The objects by `namespace/name`, as the watches brought them: they can be behind. */
  readonly copies: { readonly [K in keyof Followed]: ReadonlyMap<string, Followed[K]> };
  /** Emits the name of each resource of which something changed. */
  readonly changes: EventEmitter;
  readonly record: RecordEvent;
  readonly clock: Clock;
  /** PEM text, for the kube-root-ca.crt of each namespace. */
  readonly rootCa: string;
  readonly onError: (what: string, problem: unknown) => void;
}

export interface Controller {
  readonly name: string;
  /** A change of one of these wakes it. */
  readonly watches: readonly (keyof Followed)[];
  /** Looks at everything and does what is to be done. Gives milliseconds after which to look again in any case. */
  readonly sync: () => Promise<number | void>;
}

/** Changes that come together are looked at together. */
const pauseMs = 20;
const firstRetryMs = 5;
/** Short, because nothing here restarts when the API comes back: this is how late a retry is then. */
const lastRetryMs = 10_000;
const resyncMs = 60_000;

/** Runs a controller until `signal`. A failure is tried again, later each time. */
export async function runController(context: Context, controller: Controller, signal: AbortSignal): Promise<void> {
  const { clock, changes, onError } = context;
  let news = new AbortController();
  const wake = (): void => news.abort();
  for (const kind of controller.watches) changes.on(kind, wake);
  signal.addEventListener('abort', wake);
  let retryMs = firstRetryMs;
  while (!signal.aborted) {
    news = new AbortController();
    let againMs = resyncMs;
    try {
      againMs = (await controller.sync()) ?? resyncMs;
      retryMs = firstRetryMs;
    } catch (problem) {
      // A conflict only means that a copy was behind.
      if (!signal.aborted && !hasCode(problem, 409)) onError(controller.name, problem);
      againMs = retryMs;
      retryMs = Math.min(retryMs * 2, lastRetryMs);
    }
    await clock.sleep(pauseMs, signal).catch(() => undefined);
    await clock.sleep(againMs, news.signal).catch(() => undefined);
  }
}

/** Works on all items at the same time, also when some fail; throws the first failure, a conflict last. */
export async function forEach<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(Array.from(items, work));
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  if (failures.length > 0) throw failures.find((problem) => !hasCode(problem, 409)) ?? failures[0];
}
