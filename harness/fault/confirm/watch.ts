import { BlackstartError, messageOf } from '../../core/errors.ts';
import { poll } from '../../core/poll.ts';
import type { FaultContext } from '../fault.ts';

/** Wall milliseconds. */
export interface Timing {
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

export interface Watched<T> {
  /** What was waited for; undefined when it did not come in time. */
  readonly seen: T | undefined;
  /** Why the last look failed; empty when looking worked. */
  readonly problem: string;
}

/** An absence counts when it is seen twice in a row: a single listing may have missed what is there. */
export function twiceInARow(): (isSo: boolean) => boolean {
  let times = 0;
  return (isSo) => {
    times = isSo ? times + 1 : 0;
    return times >= 2;
  };
}

/** Looks until there is an answer or time is up. Rejects only with `interrupted`. */
export async function watchFor<T>(
  look: () => Promise<T | undefined> | T | undefined,
  { clock, signal }: Pick<FaultContext, 'clock' | 'signal'>,
  timing: Timing,
): Promise<Watched<T>> {
  let problem = '';
  const attempt = async (): Promise<T | undefined> => {
    try {
      const answer = await look();
      problem = '';
      return answer;
    } catch (failure) {
      problem = messageOf(failure);
      throw failure;
    }
  };
  try {
    return { seen: await poll(attempt, { clock, signal, ...timing, what: 'an effect' }), problem };
  } catch (failure) {
    if (failure instanceof BlackstartError && failure.code === 'timeout') return { seen: undefined, problem };
    throw failure;
  }
}
