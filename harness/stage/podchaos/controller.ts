import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../core/errors.ts';
import { informer } from '../client/informer.ts';
import { resources } from '../client/resources.ts';
import { StatusError } from '../client/status-error.ts';
import type { InformerChange } from '../client/types.ts';
import { reconcile, type ReconcileTools } from './reconcile.ts';

export interface PodChaosOptions extends ReconcileTools {
  /** Told, in one line, of what could not be done and is tried again. */
  readonly onProblem?: (message: string) => void;
}

/** controller-runtime's: 5 ms, doubled with every failure in a row, up to 1,000 s. */
const firstRetryMs = 5;
const maxRetryMs = 1_000_000;
/**
 * Chaos Mesh's controller ends itself when it loses its lease, and comes back with a fresh view when it has it again.
 * The duration is that of `manifests/kind/chaos-mesh.yaml`.
 */
const leaseMs = 3_000;
const readyPollMs = 250;

/**
 * The PodChaos controller. What it could not write down it does again: a container-kill of kube-apiserver takes away the
 * server that the record would be written to, so it kills again after every come-back, until the PodChaos is deleted.
 */
export function startPodChaos(options: PodChaosOptions): { stop(): void } {
  const stopped = new AbortController();
  void lead(options, stopped.signal).catch(() => undefined);
  return { stop: () => stopped.abort() };
}

/** Ends with a rejection as soon as `signal` is aborted. */
async function lead(options: PodChaosOptions, signal: AbortSignal): Promise<void> {
  for (let waitMs = 0; ; waitMs = leaseMs) {
    while (!(await isServed(options))) await options.clock.sleep(readyPollMs, signal);
    await options.clock.sleep(waitMs, signal);
    await oneTerm(options, signal);
    signal.throwIfAborted();
  }
}

async function isServed({ client }: PodChaosOptions): Promise<boolean> {
  try {
    const { status } = await client.raw('GET', '/apis/chaos-mesh.org/v1alpha1/podchaos?limit=1');
    return status === 200;
  } catch {
    return false;
  }
}

/** Works until the API gives no answer, or `signal` is aborted. */
async function oneTerm(options: PodChaosOptions, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const end = AbortSignal.any([over.signal, signal]);
  const failed = (what: string, problem: unknown): void => {
    if (end.aborted) return;
    options.onProblem?.(`${what}: ${messageOf(problem)}`);
    if (problem instanceof StatusError && problem.code === undefined) over.abort();
  };
  const work = new Work(options, end, failed);
  const watch = informer(options.client, resources.podChaos, {
    clock: options.clock,
    onChange: (change) => {
      if (isNews(change)) work.add(change.object.metadata.namespace ?? '', change.object.metadata.name);
    },
    onError: (problem) => failed('podchaos', problem),
  });
  await new Promise<void>((resolve) => end.addEventListener('abort', () => resolve()));
  watch.stop();
}

/** What the controller writes itself is none. */
function isNews({ type, object, before }: InformerChange): boolean {
  if (type === 'deleted') return false;
  const { deletionTimestamp, annotations } = object.metadata;
  return (
    !before ||
    deletionTimestamp !== before.metadata.deletionTimestamp ||
    !isDeepStrictEqual([object['spec'], annotations], [before['spec'], before.metadata.annotations])
  );
}

/** One PodChaos after the other at the same time, but each only once; what failed waits longer and longer. */
class Work {
  readonly #underWay = new Map<string, { again: boolean }>();
  readonly #failures = new Map<string, number>();
  readonly #options: PodChaosOptions;
  readonly #end: AbortSignal;
  readonly #failed: (what: string, problem: unknown) => void;

  constructor(options: PodChaosOptions, end: AbortSignal, failed: (what: string, problem: unknown) => void) {
    this.#options = options;
    this.#end = end;
    this.#failed = failed;
  }

  add(namespace: string, name: string): void {
    const key = `${namespace}/${name}`;
    const running = this.#underWay.get(key);
    if (running) running.again = true;
    else void this.#run(key, namespace, name);
  }

  async #run(key: string, namespace: string, name: string): Promise<void> {
    const run = { again: false };
    this.#underWay.set(key, run);
    let lookAgainMs: number | undefined;
    try {
      const answer = await reconcile(namespace, name, this.#options);
      lookAgainMs = answer === 'failed' ? this.#backOffMs(key) : answer;
      if (answer !== 'failed') this.#failures.delete(key);
    } catch (problem) {
      this.#failed(key, problem);
      lookAgainMs = this.#backOffMs(key);
    }
    this.#underWay.delete(key);
    if (this.#end.aborted) return;
    if (run.again) this.add(namespace, name);
    else if (lookAgainMs !== undefined) this.#later(lookAgainMs, namespace, name);
  }

  #backOffMs(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    return Math.min(firstRetryMs * 2 ** failures, maxRetryMs);
  }

  #later(waitMs: number, namespace: string, name: string): void {
    this.#options.clock.sleep(waitMs, this.#end).then(
      () => this.add(namespace, name),
      () => undefined,
    );
  }
}
