import type { Sample } from '../core/sample.ts';

export interface Counts {
  readonly samples: number;
  readonly failures: number;
  /** Share of samples that succeeded, 0 to 1; null without samples. */
  readonly availability: number | null;
}

export function count(samples: readonly Sample[]): Counts {
  const failures = samples.filter((sample) => !sample.ok).length;
  return { samples: samples.length, failures, availability: availabilityOf(samples.length, failures) };
}

export function availabilityOf(samples: number, failures: number): number | null {
  return samples === 0 ? null : (samples - failures) / samples;
}

/** How often each outcome was seen, in the order of the alphabet. */
export function outcomes(samples: readonly Sample[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { outcome } of samples) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
