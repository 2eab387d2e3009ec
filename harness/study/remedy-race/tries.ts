import type { RemedyRaceSpec, StudyRunSpec } from '../../experiment/study.ts';
import type { StudyRun } from '../study-result.ts';
import { problemWith } from './usable.ts';

/** Every remedy once for every seed; the control comes first. */
export function tries({ experiment, set, remedies, control, seeds }: RemedyRaceSpec): readonly StudyRunSpec[] {
  const all = [control, ...remedies.filter((remedy) => remedy !== control)];
  return Array.from({ length: seeds }, (_, seedOffset) =>
    all.map((remedy) => ({
      name: seeds === 1 ? remedy : `${remedy}-seed-${seedOffset + 1}`,
      experiment,
      set: [`remedy=${remedy}`, ...set],
      seedOffset,
    })),
  ).flat();
}

/** The next one that was not made yet, then once more what could not be judged: the usual reason is the machine. */
export function nextTry(spec: RemedyRaceSpec, done: readonly StudyRun[]): StudyRunSpec | undefined {
  const planned = tries(spec);
  const next = planned.find(({ name }) => !done.some((run) => run.name === name));
  if (next) return next;
  const again = planned.map((run) => ({ ...run, name: `${run.name}-again` }));
  return again.find((run, index) => {
    const first = done.find(({ name }) => name === planned[index]?.name);
    return first && problemWith(first) !== undefined && !done.some(({ name }) => name === run.name);
  });
}
