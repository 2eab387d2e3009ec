import { setTimeout as sleep } from 'node:timers/promises';

const firstMs = 200;
const capMs = 5_000;

export interface Persistence {
  readonly signal: AbortSignal;
  readonly onProblem: (problem: unknown) => void;
}

/** Does something until it works, with growing pauses. Rejects only when the signal ends it. */
export async function untilItWorks<T>(work: () => Promise<T>, { signal, onProblem }: Persistence): Promise<T> {
  for (let pauseMs = firstMs; ; pauseMs = Math.min(pauseMs * 2, capMs)) {
    try {
      return await work();
    } catch (problem) {
      signal.throwIfAborted();
      onProblem(problem);
    }
    // Apart from each other, or all would come again at once.
    await sleep(pauseMs * (0.5 + Math.random() / 2), undefined, { signal });
  }
}

/** Does something with every item, with so many at a time. */
export async function forEachOf<T>(
  items: Iterable<T>,
  atATime: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = rest.next(); !next.done; next = rest.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}
