import { messageOf } from '../core/errors.ts';
import type { RunEvent } from '../core/events.ts';
import type { Plan } from '../plan/plan.ts';
import { judgeCleanliness, type Cleanliness } from '../verdict/cleanliness.ts';
import { exitCodeOf, signalOf } from '../verdict/merge.ts';
import type { Result } from '../verdict/result.ts';
import { studyKind } from './catalog.ts';
import { loadOf } from './load.ts';
import { remedyOf } from './remedy-race/measures.ts';
import type { StudyPlan } from './study-plan.ts';
import type { Finding, StudyResult, StudyRun } from './study-result.ts';

/** A run of a study that is over, as it was judged by itself. */
export interface JudgedRun {
  readonly name: string;
  /** Within the study's folder. */
  readonly folder: string;
  readonly plan: Plan;
  readonly events: readonly RunEvent[];
  readonly result: Result;
}

/** What the study looks at of a run. */
export function studyRun({ name, folder, plan, events, result }: JudgedRun): StudyRun {
  const { experiment, parameters, verdict, reasonCode, reason, clean } = result;
  const remedy = remedyOf(plan, events, result);
  const own = remedy ? { remedy } : {};
  return {
    name,
    folder,
    experiment,
    parameters,
    verdict,
    reasonCode,
    reason,
    clean,
    load: loadOf(plan, events),
    ...own,
  };
}

/** Judges a study from its plan, its own event log and its runs alone. Same input, same result. */
export function judgeStudy(plan: StudyPlan, events: readonly RunEvent[], runs: readonly StudyRun[]): StudyResult {
  const signal = signalOf({ events });
  const { clean, leftovers } = cleanlinessOf(events, runs);
  const { verdict, reasonCode, reason, findings } = unlessUnknown(clean, decide(plan, events, runs));
  const started = events.find((event) => event.type === 'run-started');
  return {
    schemaVersion: 1,
    study: plan.study,
    backend: plan.backend,
    seed: plan.seed,
    startedAt: started?.startedAt ?? '',
    durationMs: Math.round(events.at(-1)?.monotonicMs ?? 0),
    parameters: plan.parameters,
    verdict,
    reason: `${reason}${leftText(clean, runs)}`,
    reasonCode,
    exitCode: exitCodeOf({ verdict, reasonCode: verdict === 'pass' ? 'pass' : 'expectation' }, clean, signal),
    interrupted: signal !== null,
    clean,
    leftovers,
    runs,
    findings,
  };
}

function decide(plan: StudyPlan, events: readonly RunEvent[], runs: readonly StudyRun[]): Finding {
  const signal = signalOf({ events });
  if (signal !== null) {
    return broken(
      'interrupted',
      `The study was interrupted by ${signal} in its run ${runs.at(-1)?.name ?? 'before the first'}.`,
    );
  }
  const problem = events.find((event) => event.type === 'problem');
  if (problem) return broken('harness-error', `The harness met a problem: ${problem.message}`);
  if (!events.some((event) => event.type === 'run-ended')) {
    return broken('torn-log', 'The event log of the study ends before the study did: it died.');
  }
  try {
    return studyKind(plan.spec).judge(runs);
  } catch (thrown) {
    return broken('judge-error', `The judge could not read this study: ${messageOf(thrown)}`);
  }
}

function leftText(clean: boolean | null, runs: readonly StudyRun[]): string {
  const last = runs.at(-1);
  if (last?.clean === false) return ` Run ${last.name} left something behind, so the study ended with it.`;
  if (clean === false) return ' Something was left behind.';
  return clean === null ? ' Whether something was left behind is not known.' : '';
}

/** A pass is good news only when it is known that nothing was left behind. */
function unlessUnknown(clean: boolean | null, finding: Finding): Finding {
  if (clean !== null || finding.verdict !== 'pass') return finding;
  return { ...finding, verdict: 'inconclusive', reasonCode: 'torn-log' };
}

function broken(reasonCode: Finding['reasonCode'], reason: string): Finding {
  return { verdict: 'inconclusive', reasonCode, reason, findings: null };
}

/** Of the cluster, and of every run in it. A run of which it is not known makes it unknown of the whole. */
function cleanlinessOf(events: readonly RunEvent[], runs: readonly StudyRun[]): Cleanliness {
  const own = judgeCleanliness(events);
  if (own.clean === false) return own;
  const dirty = runs.filter(({ clean }) => clean === false);
  const command = 'npm run -s blackstart -- cleanup';
  const leftovers = dirty.map(({ name }) => ({ what: `left by run ${name}, see its report`, command }));
  if (dirty.length > 0) return { clean: false, leftovers };
  const isKnown = own.clean === true || (runs.length > 0 && stays(events));
  return { clean: isKnown && runs.every(({ clean }) => clean === true) ? true : null, leftovers };
}

/** Whether the study, which is over, used a cluster that was given: its log tells of none that it made or took away. */
function stays(events: readonly RunEvent[]): boolean {
  const types = new Set(events.map(({ type }) => type));
  return types.has('run-ended') && !types.has('cluster-ready') && !types.has('undo');
}
