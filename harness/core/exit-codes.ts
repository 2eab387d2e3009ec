import type { ErrorCode } from './errors.ts';

/** Every way a command can end, with the sentence that `--help` prints. The only place where the numbers stand. */
export const exitCodes = {
  pass: { code: 0, meaning: 'pass: the hypothesis held, every fault was confirmed, the control lane broke' },
  fail: { code: 1, meaning: 'fail: the hypothesis was refuted, with all faults confirmed' },
  inconclusive: {
    code: 2,
    meaning: 'inconclusive: the evidence is not enough for pass or fail; the reason is the last line',
  },
  notRun: { code: 3, meaning: 'inconclusive, not run: the steady state was never reached, no fault was injected' },
  leftovers: { code: 4, meaning: 'an undo left something behind; what, and the commands that remove it, are printed' },
  usage: {
    code: 64,
    meaning: 'usage: unknown command or option, invalid experiment or file, or a cluster that is not ours',
  },
  environment: { code: 69, meaning: 'something this machine needs is missing: Docker, kind, kubectl, helm, Node 24' },
  internal: { code: 70, meaning: 'the harness itself broke before it could judge' },
  hangup: { code: 129, meaning: 'SIGHUP, after undo' },
  interrupted: { code: 130, meaning: 'Ctrl-C, after undo' },
  terminated: { code: 143, meaning: 'SIGTERM, after undo' },
} as const;

export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** The exit code after a signal. */
export const signalExitCode: Readonly<Record<Signal, number>> = {
  SIGINT: exitCodes.interrupted.code,
  SIGTERM: exitCodes.terminated.code,
  SIGHUP: exitCodes.hangup.code,
};

/** The exit code of an error that ends the program before there is a run to judge. */
export function exitCodeOf(code: ErrorCode): number {
  switch (code) {
    case 'usage':
    case 'invalid-experiment':
    case 'foreign-cluster':
      return exitCodes.usage.code;
    case 'environment':
      return exitCodes.environment.code;
    case 'interrupted':
      return exitCodes.interrupted.code;
    case 'timeout':
    case 'command-failed':
    case 'cluster':
    case 'prober':
    case 'internal':
      return exitCodes.internal.code;
  }
}
