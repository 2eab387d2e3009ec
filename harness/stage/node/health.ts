import type { Clock } from '../../core/clock.ts';
import type { Container, ProbeSpec } from './pod.ts';
import { ProbeCounter } from './probe-counter.ts';

/**
 * The kubelet tries an unready container's readiness again each time it has seen the pod change, which it looks for once a
 * second: a program that is up soon need not wait for a whole period.
 */
const unreadyTriesMs: readonly number[] = [1_000, 2_000];

type ProbeKind = 'startup' | 'liveness' | 'readiness';

export interface HealthOptions {
  readonly container: Container;
  readonly clock: Clock;
  /** Ends with the process that is watched. */
  readonly signal: AbortSignal;
  /** One try; undefined when it succeeded. */
  readonly check: (probe: ProbeSpec) => Promise<string | undefined>;
  readonly onStarted: () => void;
  readonly onReady: (ready: boolean) => void;
  /** Every try that failed. */
  readonly onFailure: (kind: ProbeKind, why: string) => void;
  /** The process has to be replaced. */
  readonly onUnhealthy: (kind: ProbeKind, probe: ProbeSpec) => void;
}

/** Watches one process by its container's probes. Liveness and readiness begin when the startup probe has succeeded. */
export async function watchHealth(options: HealthOptions): Promise<void> {
  const { startupProbe, livenessProbe, readinessProbe } = options.container;
  if (startupProbe) {
    const started = await firstResult('startup', startupProbe, options);
    if (options.signal.aborted) return;
    if (!started) return options.onUnhealthy('startup', startupProbe);
  }
  options.onStarted();
  if (!readinessProbe) options.onReady(true);
  await Promise.all([
    livenessProbe && watchLiveness(livenessProbe, options),
    readinessProbe && repeat('readiness', readinessProbe, options, options.onReady),
  ]);
}

async function watchLiveness(probe: ProbeSpec, options: HealthOptions): Promise<void> {
  await repeat('liveness', probe, options, (alive, stop) => {
    if (alive) return;
    stop();
    options.onUnhealthy('liveness', probe);
  });
}

async function firstResult(kind: ProbeKind, probe: ProbeSpec, options: HealthOptions): Promise<boolean> {
  let first = false;
  await repeat(kind, probe, options, (result, stop) => {
    first = result;
    stop();
  });
  return first;
}

/** Tries again and again until the signal or `stop`. `onResult` hears each result, repeated ones too. */
async function repeat(
  kind: ProbeKind,
  probe: ProbeSpec,
  { clock, signal, check, onFailure }: HealthOptions,
  onResult: (result: boolean, stop: () => void) => void,
): Promise<void> {
  const counter = new ProbeCounter(probe);
  const startMs = clock.monotonicMs() + (probe.initialDelaySeconds ?? 0) * 1_000;
  const enough = new AbortController();
  let nextMs = startMs;
  while (!enough.signal.aborted) {
    await clock.sleep(Math.max(0, nextMs - clock.monotonicMs()), signal).catch(() => undefined);
    if (signal.aborted) return;
    const triedMs = clock.monotonicMs();
    const why = await check(probe);
    if (signal.aborted) return;
    if (why !== undefined) onFailure(kind, why);
    const result = counter.observe(why === undefined);
    if (result !== undefined) onResult(result, () => enough.abort());
    const isUnready = kind === 'readiness' && why !== undefined;
    nextMs = startMs + nextTryMs(triedMs - startMs, probe, isUnready ? unreadyTriesMs : []);
  }
}

/**
 * When the next try is due, both in milliseconds since the first one. When that has passed because the last try was slow,
 * the next one comes at once, as with the kubelet's ticker.
 */
function nextTryMs(triedMs: number, { periodSeconds = 10 }: ProbeSpec, extraMs: readonly number[]): number {
  const periodMs = periodSeconds * 1_000;
  const extra = extraMs.find((ms) => ms > triedMs) ?? Infinity;
  return Math.min(extra, (Math.floor(triedMs / periodMs) + 1) * periodMs);
}
