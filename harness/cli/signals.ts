import type { Signal } from '../core/exit-codes.ts';
import { printError } from './terminal.ts';

/** npm and the terminal both deliver Ctrl-C, within milliseconds: what comes within this time counts as one. */
const sameSignalMs = 1_000;
/** How often it is looked whether the parent (npm, a shell, CI) is still there. */
const parentCheckMs = 1_000;

export interface Interrupts {
  /** Aborted by the first signal, with its name as the reason. */
  readonly signal: AbortSignal;
  stop(): void;
}

export interface InterruptHandlers {
  readonly first: (signal: Signal) => void;
  /** Another one, more than a second later: leave now. Gets the signal that came first. */
  readonly again: (first: Signal) => void;
}

/** Turns Ctrl-C, SIGTERM, SIGHUP and the loss of the parent process into an abort signal. */
export function listenForInterrupts({ first: onFirst, again }: InterruptHandlers): Interrupts {
  const first = new AbortController();
  let received: Signal | undefined;
  let firstAtMs = 0;
  const onSignal = (signal: Signal): void => {
    if (received === undefined) {
      received = signal;
      firstAtMs = performance.now();
      onFirst(signal);
      first.abort(signal);
    } else if (performance.now() - firstAtMs > sameSignalMs) {
      again(received);
    }
  };
  const signals: readonly Signal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, onSignal);
  // A bug of ours must not leave a fault behind: it ends the run as a signal does, and is told.
  const onBug = (problem: unknown): void => {
    printError(`Internal error: ${problem instanceof Error ? (problem.stack ?? problem.message) : String(problem)}\n`);
    onSignal('SIGTERM');
  };
  process.on('uncaughtException', onBug);
  process.on('unhandledRejection', onBug);
  const parent = process.ppid;
  const watch = setInterval(() => {
    // An orphan gets a new parent: nobody waits for this run any more.
    if (process.ppid !== parent && received === undefined) onSignal('SIGTERM');
  }, parentCheckMs);
  watch.unref();
  return {
    signal: first.signal,
    stop: () => {
      clearInterval(watch);
      for (const signal of signals) process.off(signal, onSignal);
      process.off('uncaughtException', onBug);
      process.off('unhandledRejection', onBug);
    },
  };
}
