import { expect, type TestContext } from 'vitest';
import type { FinishedRun } from './blackstart.ts';

/** What the run saw, for messages of tests that fail. */
export function summary({ result, output }: FinishedRun): string {
  return `${result.reason}\n${output.split('\n').slice(-60).join('\n')}`;
}

/**
 * A machine that is busy with something else starves the probers, and a run that says so is right. Such a run is made
 * again, twice at most, and then the test is skipped, in one line; every other outcome counts at once.
 */
export async function untilJudged(context: TestContext, makeRun: () => Promise<FinishedRun>): Promise<FinishedRun> {
  for (let tries = 1; ; tries++) {
    const run = await makeRun();
    if (run.result.reasonCode !== 'gap' && run.result.reasonCode !== 'prober-starved') return run;
    expect([run.exitCode, run.result.clean], summary(run)).toEqual([2, true]);
    if (tries === 3) context.skip(`Skipped: the machine was too busy three times: ${run.result.reason}`);
    process.stderr.write(`Once more, the machine was busy: ${run.result.reason}\n`);
  }
}
