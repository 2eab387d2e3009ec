import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Done } from './main.ts';
import { judgeRun, showReport } from './judge-run.ts';
import { isStudyFolder, judgeStudyFolder, showStudyReport } from './judge-study.ts';

/** `blackstart report RUN`: judges a stored run or study again, without any cluster. */
export function addReportCommand(program: Command, done: Done): void {
  program
    .command('report <run>')
    .description('judge a stored run or study again (a folder such as runs/latest) without touching any cluster')
    .action((run: string) => {
      const folder = resolve(run);
      if (isStudyFolder(folder)) {
        const study = judgeStudyFolder(folder);
        showStudyReport(study);
        done(study.result.exitCode);
        return;
      }
      const result = judgeRun(folder);
      showReport(folder, result);
      done(result.exitCode);
    });
}
