import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../core/errors.ts';
import { readEventLog } from '../core/event-log.ts';
import { readPlan } from '../plan/read.ts';
import { studyReportText } from '../report/study-text.ts';
import { judgeStudy, studyRun } from '../study/judge-study.ts';
import { readStudyPlan, type StudyPlan } from '../study/study-plan.ts';
import { renderStudyJson, type StudyResult, type StudyRun } from '../study/study-result.ts';
import { judgeRun } from './judge-run.ts';
import { hasColor, print } from './terminal.ts';

/** A study's folder has a study.json where a run's has a plan.json. */
export function isStudyFolder(folder: string): boolean {
  return existsSync(join(folder, 'study.json'));
}

export interface JudgedStudy {
  readonly plan: StudyPlan;
  readonly result: StudyResult;
}

/** Judges every run that a study's folder holds, then the study; writes result.json and report.txt beside them. */
export function judgeStudyFolder(folder: string): JudgedStudy {
  const plan = readStudyPlan(readFileSync(join(folder, 'study.json'), 'utf8'), join(folder, 'study.json'));
  const result = judgeStudy(plan, readEventLog(join(folder, 'events.jsonl')), judgeRunsOf(folder));
  writeFileSync(join(folder, 'result.json'), renderStudyJson(result));
  writeFileSync(join(folder, 'report.txt'), studyReportText(result, plan, { color: false }));
  return { plan, result };
}

/** In the order in which they were made: their folders' names begin with a number. */
function judgeRunsOf(folder: string): readonly StudyRun[] {
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const names = folders.map(({ name }) => name).toSorted();
  return names.filter((name) => existsSync(join(folder, name, 'plan.json'))).map((name) => judgeInnerRun(folder, name));
}

/** Judges one run of a study by itself. One that cannot be read is a run that could not be judged. */
export function judgeInnerRun(studyFolder: string, folder: string): StudyRun {
  const path = join(studyFolder, folder);
  const name = folder.replace(/^\d+-/, '');
  const plan = readPlan(readFileSync(join(path, 'plan.json'), 'utf8'), join(path, 'plan.json'));
  try {
    const result = judgeRun(path);
    return studyRun({ name, folder, plan, events: readEventLog(join(path, 'events.jsonl')), result });
  } catch (problem) {
    const { experiment, parameters } = plan;
    const broken = { verdict: 'inconclusive', reasonCode: 'judge-error', clean: null, load: null } as const;
    return { name, folder, experiment, parameters, ...broken, reason: messageOf(problem) };
  }
}

/** Prints the report; the verdict and its reason are the last lines. */
export function showStudyReport({ plan, result }: JudgedStudy): void {
  print(studyReportText(result, plan, { color: hasColor(process.stdout) }));
}
