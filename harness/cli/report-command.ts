import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Done } from './main.ts';
import { judgeRun, showReport } from './judge-run.ts';

/** `blackstart report RUN`: judges a stored run again, without any cluster. */
export function addReportCommand(program: Command, done: Done): void {
  program
    .command('report <run>')
    .description('judge a stored run again (a folder such as runs/latest) without touching any cluster')
    .action((run: string) => {
      const folder = resolve(run);
      const result = judgeRun(folder);
      showReport(folder, result);
      done(result.exitCode);
    });
}
