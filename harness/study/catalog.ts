import type { StudyRunSpec, StudySpec } from '../experiment/study.ts';
import { judgeRace } from './remedy-race/judge.ts';
import { nextTry, tries } from './remedy-race/tries.ts';
import { judgeSweep } from './scale-sweep/judge.ts';
import { nextRun, possibleRuns } from './scale-sweep/steps.ts';
import type { Finding, StudyRun } from './study-result.ts';

/** What a kind of study does with its spec. Pure: the same runs give the same next one and the same finding. */
export interface StudyKind {
  /** Runs that may come, the largest among them: they are planned before anything is made, so that none is refused later. */
  possible(this: void): readonly StudyRunSpec[];
  /** The next run, from those that are over, in their order; undefined ends the study. */
  next(this: void, done: readonly StudyRun[]): StudyRunSpec | undefined;
  /** What the runs say. Gets all of them, those that could not be judged among them. */
  judge(this: void, done: readonly StudyRun[]): Finding;
  /** One sentence: which runs come, for `plan`. */
  readonly course: string;
}

/** The kind of this spec: one case for each. */
export function studyKind(spec: StudySpec): StudyKind {
  switch (spec.kind) {
    case 'scale-sweep':
      return {
        possible: () => possibleRuns(spec),
        next: (done) => nextRun(spec, done),
        judge: (done) => judgeSweep(spec, done),
        course:
          'The first two runs are certain. From them comes a guess of the tipping size; sizes up to half of it are fitted, ' +
          'and from the prediction on the size is stepped up until the API server cannot give what is asked of it.',
      };
    case 'remedy-race':
      return {
        possible: () => tries(spec),
        next: (done) => nextTry(spec, done),
        judge: (done) => judgeRace(spec, done),
        course:
          'All of them come, in this order. A run that cannot be judged is made once more, at the end. ' +
          `${spec.control} is the control: what recovers as fast as it does has shown nothing. ` +
          'Fewer than 3 seeds prove no order.',
      };
  }
}

/** What comes next. Nothing does after a run that left something behind: later ones would be measured on it. */
export function nextRunOf(spec: StudySpec, done: readonly StudyRun[]): StudyRunSpec | undefined {
  return done.at(-1)?.clean === false ? undefined : studyKind(spec).next(done);
}
