import { nodeNowMs } from './node-clock.ts';
import { reasonOf, type ProbeResult } from './outcome.ts';

type HopName = 'resolve' | 'connect' | 'request';

/** Goes from hop to hop, takes the time of each, and stops at the first that fails. */
export interface Hops {
  /** What is left of the probe's deadline. */
  remainingMs(): number;
  /** Does one hop; after a failed one nothing more may be done. */
  hop<T>(name: HopName, work: () => Promise<T>): Promise<T>;
  answered(ttlS: number): void;
}

/** Runs the steps of one probe; its result, whatever happens. */
export async function runHops(deadlineMs: number, steps: (hops: Hops) => Promise<void>): Promise<ProbeResult> {
  const startMs = nodeNowMs();
  const times = { resolve: -1, connect: -1, request: -1 };
  let current: HopName = 'resolve';
  let ttlS = -1;
  let outcome = 'ok';
  const hops: Hops = {
    remainingMs: () => deadlineMs - (nodeNowMs() - startMs),
    hop: async (name, work) => {
      current = name;
      const hopStartMs = nodeNowMs();
      try {
        return await work();
      } finally {
        times[name] = nodeNowMs() - hopStartMs;
      }
    },
    answered: (seconds) => {
      ttlS = seconds;
    },
  };
  try {
    await steps(hops);
  } catch (problem) {
    outcome = `${current}:${reasonOf(problem)}`;
  }
  return { outcome, resolveMs: times.resolve, connectMs: times.connect, requestMs: times.request, ttlS };
}
