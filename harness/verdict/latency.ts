import { quantile } from '../core/quantile.ts';
import type { Sample } from '../core/sample.ts';

export interface LatencyMs {
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** Total time of the samples that succeeded; a failure has no latency, it counts as unavailable. */
export function latency(samples: readonly Sample[]): LatencyMs {
  const values = successMs(samples);
  return {
    p50: quantile(values, 0.5) ?? null,
    p90: quantile(values, 0.9) ?? null,
    p99: quantile(values, 0.99) ?? null,
    max: quantile(values, 1) ?? null,
  };
}

export function successMs(samples: readonly Sample[]): readonly number[] {
  return samples.filter((sample) => sample.ok).map((sample) => sample.totalMs);
}
