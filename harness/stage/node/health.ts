import type { Clock } from '../../core/clock.ts';
import type { Container, ProbeSpec } from './pod.ts';

/**
 * A container that is not ready yet is also tried at these moments after its first try. The kubelet probes at once when
 * a container starts, when its startup probe succeeds and when it sees the pod change, which with a pod that comes up
 * is often: a program that is up soon need not wait for a whole period.
 */
const unreadyTriesMs: readonly number[] = [500, 1_000, 2_000, 3_000];

type ProbeKind = 'Liveness' | 'Readiness';

export interface HealthOptions {
  readonly container: Container;
  readonly clock: Clock;
  /** Ends with the process that is watched. */
  readonly signal: AbortSignal;
  /** One try; undefined when it succeeded. */
  readonly check: (probe: ProbeSpec) => Promise<string | undefined>;
  readonly onReady: (ready: boolean) => void;
  /** Every try that failed. */
  readonly onFailure: (kind: ProbeKind, why: string) => void;
  /** The process has to be replaced. */
  readonly onUnhealthy: () => void;
}

/** Watches one process by its container's probes. */
export async function watchHealth(options: HealthOptions): Promise<void> {
  const { livenessProbe, readinessProbe } = options.container;
  if (!readinessProbe) options.onReady(true);
  const dead = new AbortController();
  const untilDead = { ...options, signal: AbortSignal.any([options.signal, dead.signal]) };
  const onAlive = (alive: boolean): void => {
    if (alive) return;
    dead.abort();
    options.onUnhealthy();
  };
  await Promise.all([
    livenessProbe && repeat('Liveness', livenessProbe, untilDead, onAlive),
    readinessProbe && repeat('Readiness', readinessProbe, options, options.onReady),
  ]);
}

/** Tries again and again until the signal. A result is as many equal tries in a row as the probe asks for. */
async function repeat(
  kind: ProbeKind,
  probe: ProbeSpec,
  { clock, signal, check, onFailure }: HealthOptions,
  onResult: (succeeded: boolean) => void,
): Promise<void> {
  const { initialDelaySeconds = 0, successThreshold = 1, failureThreshold = 3 } = probe;
  const startMs = clock.monotonicMs() + initialDelaySeconds * 1_000;
  let nextMs = startMs;
  let last: boolean | undefined;
  let inARow = 0;
  for (;;) {
    await clock.sleep(Math.max(0, nextMs - clock.monotonicMs()), signal).catch(() => undefined);
    if (signal.aborted) return;
    const triedMs = clock.monotonicMs() - startMs;
    const why = await check(probe);
    if (signal.aborted) return;
    if (why !== undefined) onFailure(kind, why);
    const succeeded = why === undefined;
    inARow = succeeded === last ? inARow + 1 : 1;
    last = succeeded;
    if (inARow >= (succeeded ? successThreshold : failureThreshold)) onResult(succeeded);
    nextMs = startMs + nextTryMs(triedMs, probe, kind === 'Readiness' && !succeeded ? unreadyTriesMs : []);
  }
}

/**
 * When the next try is due, both in milliseconds since the first one. When that has passed because the last try was
 * slow, the next one comes at once, as with the kubelet's ticker.
 */
function nextTryMs(triedMs: number, { periodSeconds = 10 }: ProbeSpec, extraMs: readonly number[]): number {
  const periodMs = periodSeconds * 1_000;
  const extra = extraMs.find((ms) => ms > triedMs) ?? Infinity;
  return Math.min(extra, (Math.floor(triedMs / periodMs) + 1) * periodMs);
}
