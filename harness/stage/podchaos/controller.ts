import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../core/errors.ts';
import { informer } from '../client/informer.ts';
import { keyOf } from '../client/object-store.ts';
import { resources } from '../client/resources.ts';
import { StatusError } from '../client/status-error.ts';
import type { InformerChange } from '../client/types.ts';
import { eventRecorder } from '../controllers/base/events.ts';
import { reconcile, type ChaosTools } from './reconcile.ts';

export interface PodChaosOptions extends Omit<ChaosTools, 'record'> {
  /** Told, in one line, of what could not be done and is tried again. */
  readonly onProblem: (message: string) => void;
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
 * The PodChaos controller. What it could not write down it does again: a container-kill of kube-apiserver takes away
 * the server that the record would be written to, so it kills again after every come-back, until the PodChaos is
 * deleted.
 */
export function startPodChaos(options: PodChaosOptions): { stop(): void } {
  const stopped = new AbortController();
  lead(options, stopped.signal).catch(() => undefined);
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
  const answer = client.raw('GET', '/apis/chaos-mesh.org/v1alpha1/podchaos?limit=1');
  return await answer.then(
    ({ status }) => status === 200,
    () => false,
  );
}

/** Works until the API gives no answer, or `signal` is aborted. */
async function oneTerm(options: PodChaosOptions, signal: AbortSignal): Promise<void> {
  const { client, clock, onProblem } = options;
  const tools = { ...options, record: eventRecorder(client, clock) };
  const over = new AbortController();
  const end = AbortSignal.any([over.signal, signal]);
  const onError = (problem: unknown): void => {
    if (end.aborted) return;
    onProblem(messageOf(problem));
    if (problem instanceof StatusError && problem.code === undefined) over.abort();
  };
  /** What ends the wait of each PodChaos that is followed. */
  const waits = new Map<string, AbortController>();
  const follow = async (key: string): Promise<void> => {
    for (let retryMs = firstRetryMs; !end.aborted;) {
      const wait = new AbortController();
      waits.set(key, wait);
      let waitMs: number | undefined;
      try {
        waitMs = await reconcile(key, tools);
        retryMs = firstRetryMs;
      } catch (problem) {
        onError(problem);
        waitMs = retryMs;
        retryMs = Math.min(retryMs * 2, maxRetryMs);
      }
      if (waitMs === undefined && !wait.signal.aborted) break;
      await clock.sleep(waitMs ?? 0, AbortSignal.any([wait.signal, end])).catch(() => undefined);
    }
    waits.delete(key);
  };
  const onChange = (change: InformerChange): void => {
    if (!isNews(change)) return;
    const key = keyOf(change.object);
    const wait = waits.get(key);
    if (wait) wait.abort();
    else void follow(key);
  };
  const watch = informer(client, resources.podChaos, { clock, onChange, onError });
  await new Promise<void>((resolve) => end.addEventListener('abort', () => resolve()));
  watch.stop();
}

/** What the controller writes itself is none. */
function isNews({ type, object, before }: InformerChange): boolean {
  if (type === 'deleted') return false;
  const { deletionTimestamp } = object.metadata;
  if (!before || deletionTimestamp !== before.metadata.deletionTimestamp) return true;
  const [now, then] = [object, before].map(({ spec, metadata }) => [spec, metadata.annotations]);
  return !isDeepStrictEqual(now, then);
}
