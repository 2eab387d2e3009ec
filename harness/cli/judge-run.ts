import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BlackstartError } from '../core/errors.ts';
import { readEventLog } from '../core/event-log.ts';
import { readPlan } from '../plan/read.ts';
import { reportText } from '../report/text.ts';
import { attestationOf } from '../verdict/attestation.ts';
import { judgeSafely, renderResultJson } from '../verdict/judge.ts';
import type { Result } from '../verdict/result.ts';
import { hasColor, print } from './terminal.ts';

/** Judges what a run's folder holds (plan.json, events.jsonl) and writes result.json and report.txt beside it. */
export function judgeRun(folder: string): Result {
  for (const file of ['plan.json', 'events.jsonl']) {
    if (!existsSync(join(folder, file))) {
      throw new BlackstartError('usage', `${folder} is not a run's folder: ${file} is missing`, {
        hint: 'Give the folder of a run, for example runs/latest.',
      });
    }
  }
  const plan = readPlan(readFileSync(join(folder, 'plan.json'), 'utf8'), join(folder, 'plan.json'));
  const result = judgeSafely(plan, readEventLog(join(folder, 'events.jsonl')));
  writeFileSync(join(folder, 'result.json'), renderResultJson(result));
  const attestation = attestationOf(result);
  if (attestation) writeFileSync(join(folder, 'attestation.json'), `${JSON.stringify(attestation, null, 2)}\n`);
  writeFileSync(join(folder, 'report.txt'), reportText(result, plan, { color: false }));
  return result;
}

/** Prints the report; the verdict and its reason are the last lines. */
export function showReport(folder: string, result: Result): void {
  const plan = readPlan(readFileSync(join(folder, 'plan.json'), 'utf8'), join(folder, 'plan.json'));
  print(reportText(result, plan, { color: hasColor(process.stdout) }));
}
