import type { StudyRun } from '../study-result.ts';
import type { RemedyMeasures } from './findings.ts';

/**
 * Calls of the admin are a second apart. So much lag of a prober, which would blur a latency, moves no moment here.
 * What is missing altogether counts as a failure anyhow.
 */
const harmlessLagMs = 250;

/** Why this run says nothing about its remedy; undefined when it does. That a backend cannot do it is an answer. */
export function problemWith({ remedy, verdict, reasonCode, reason }: StudyRun): string | undefined {
  if (!remedy) return verdict === 'inconclusive' ? reason : 'it tried no remedy';
  if (remedy.outcome === 'cannot') return undefined;
  if (remedy.outcome === 'not-tried') return remedy.message === '' ? reason : remedy.message;
  // Without it DNS would be left out of the time until everything is well, and the remedy would look faster.
  if (remedy.dataPlaneBroken === false) return 'DNS was not seen broken on every node just before it';
  if (!remedy.lockedOut) return `the lock-out was not confirmed before it: ${remedy.control}`;
  if (verdict !== 'inconclusive') return undefined;
  const isOnlyLate = reasonCode === 'prober-starved' && remedy.lagMs !== null && remedy.lagMs <= harmlessLagMs;
  return isOnlyLate ? undefined : reason;
}

/** The runs that say something, the newest of each remedy and seed. */
export function usableRuns(done: readonly StudyRun[]): readonly RemedyMeasures[] {
  const last = new Map<string, RemedyMeasures>();
  for (const run of done) {
    const { remedy } = run;
    if (remedy && problemWith(run) === undefined) last.set(`${remedy.remedy} ${remedy.seed}`, remedy);
  }
  return [...last.values()];
}

/** The runs that say nothing and were not made good by a later one. */
export function lostRuns(done: readonly StudyRun[]): readonly StudyRun[] {
  return done.filter(
    (run, index) =>
      problemWith(run) !== undefined && !done.slice(index + 1).some(({ name }) => name === `${run.name}-again`),
  );
}
