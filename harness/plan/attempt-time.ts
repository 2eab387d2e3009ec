import type { PlannedStep } from './plan.ts';
import type { PlannedAttempt } from './planned-attempt.ts';

/** Operators wait so long for an answer, so a call under way may take so long to fail. */
const callMs = 10_000;
/** The lock-out: five calls in a row, one a second. */
const controlMs = 6_500;
/** Seen: the load is back within this when an earlier rung has taken it away. */
const loadMs = 3_000;
/** How long a rung takes where it works; a promise may take up to its own limit. */
const ownTimeMs = {
  // Five in a row.
  call: 5_000,
  'second-api-server': 10_000,
  'restart-api-server': 15_000,
  'take-rights': 25_000,
  'block-agents': 25_000,
  'stop-agents': 25_000,
  'fewer-nodes': 25_000,
  'flow-schema': 25_000,
  'raise-limits': 25_000,
  // Watched to the end of its time where it does not work.
  remedies: 600_000,
  command: 5_000,
} as const satisfies Record<PlannedAttempt['rung']['way']['way'], number>;
/** More than every wait for the load and for the lock-out may take; the first attempt that cannot be tried is the last. */
const patienceMs = 90_000 + 75_000;

/** How long attempts take where everything works, and at the very most: wall milliseconds. */
export function attemptsMs(steps: readonly PlannedStep[]): { readonly typicalMs: number; readonly mostMs: number } {
  const attempts = steps.filter((step) => step.kind === 'attempt');
  const sum = (timeOf: (attempt: PlannedAttempt) => number): number =>
    attempts.reduce((total, attempt) => total + timeOf(attempt), 0);
  const typicalMs = sum(usualMs);
  if (attempts.length === 0) return { typicalMs: 0, mostMs: 0 };
  // The act may take all its time, and what was promised the same again, with calls that are under way at its end.
  return { typicalMs, mostMs: patienceMs + typicalMs + sum(({ rung }) => 2 * rung.withinMs + 2 * callMs) };
}

function usualMs({ rung, quietMs, disturbs }: PlannedAttempt): number {
  const removesMs = rung.promises.includes('remove') ? quietMs : 0;
  const isRefused = rung.promises.length === 0 && rung.way.way !== 'remedies';
  const ownMs = isRefused ? callMs : Math.min(ownTimeMs[rung.way.way], rung.withinMs);
  return loadMs + controlMs + (disturbs ? callMs : 0) + ownMs + removesMs;
}
