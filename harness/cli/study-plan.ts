import { randomInt } from 'node:crypto';
import { BlackstartError } from '../core/errors.ts';
import { parseSettings } from '../experiment/settings.ts';
import type { Study, StudyRunSpec } from '../experiment/study.ts';
import type { Plan } from '../plan/plan.ts';
import { wrap } from '../report/table.ts';
import { studyKind } from '../study/catalog.ts';
import { checkedSpec, type StudyPlan } from '../study/study-plan.ts';
import { chosenBackend } from './backend.ts';
import { planFrom, type PlanOptions } from './options.ts';

/** A study that can begin: every run that may come of it has been planned once. */
export interface PlannedStudy {
  readonly plan: StudyPlan;
  /** What every run needs of the cluster. */
  readonly cluster: Plan['cluster'];
  /** The largest of the runs. */
  readonly largest: Plan;
  /** The plan of a run. */
  planRun(this: void, run: StudyRunSpec): Promise<Plan>;
}

/** Every problem in the input ends here, before anything is touched: also that of the largest run. */
export async function planStudy(name: string, study: Study, options: PlanOptions): Promise<PlannedStudy> {
  const settings = parseSettings(study, options.set);
  const spec = checkedSpec(name, study.define(settings));
  const backend = await chosenBackend(options.backend);
  const seed = options.seed ?? randomInt(2 ** 32 - 1);
  const planRun = async ({ experiment, set, seedOffset = 0 }: StudyRunSpec): Promise<Plan> =>
    await planFrom(experiment, { ...options, backend, seed: (seed + seedOffset) % 2 ** 32, set });
  const plans = await Promise.all(studyKind(spec).possible().map(planRun));
  const [first] = plans;
  if (!first) throw new BlackstartError('invalid-experiment', `study '${name}' has no runs`);
  const odd = plans.find(
    ({ cluster }) => cluster.workers !== first.cluster.workers || cluster.coreDns !== first.cluster.coreDns,
  );
  if (odd) throw new BlackstartError('invalid-experiment', `study '${name}': its runs need different clusters`);
  const texts = Object.entries(study.parameters).map(
    ([key, parameter]) => [key, parameter.format(settings[key])] as const,
  );
  return {
    plan: {
      schemaVersion: 1,
      study: name,
      title: study.title,
      question: study.question,
      backend,
      seed,
      parameters: Object.fromEntries(texts),
      spec,
    },
    cluster: first.cluster,
    largest: plans.reduce((a, b) => (podsOf(b) > podsOf(a) ? b : a)),
    planRun,
  };
}

function podsOf({ cluster: { telemetry } }: Plan): number {
  return telemetry ? telemetry.fakeNodes * telemetry.podsPerNode : 0;
}

/** The text of `plan STUDY`. */
export function describeStudy({ study, title, question, backend, seed, spec }: StudyPlan): string {
  const { possible, next, course } = studyKind(spec);
  const first = next([]);
  const runs = possible().map(
    (run) =>
      `  ${run.name === first?.name ? 'first   ' : 'possible'}  ${run.name}: ${run.experiment} --set ${run.set.join(' ')}`,
  );
  const lines = [
    ...wrap(`Study ${study} on ${backend}, seed ${seed}: ${title}`, ''),
    ...wrap(question, ''),
    '',
    'Runs, one after the other on one cluster that is made for them',
    ...runs,
    ...wrap(course, '  '),
  ];
  return `${lines.join('\n')}\n`;
}
