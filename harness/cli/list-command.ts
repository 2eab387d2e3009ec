import { resolve } from 'node:path';
import type { Command } from 'commander';
import { listExperiments, loadExperiment } from '../experiment/load.ts';
import type { Done } from './main.ts';
import { projectFolder } from './project.ts';
import { print } from './terminal.ts';

/** `blackstart list [NAME]`: the experiments, or one with its parameters. */
export function addListCommand(program: Command, _done: Done): void {
  program
    .command('list [experiment]')
    .description('list the experiments, or the parameters of one')
    .action(async (name: string | undefined) => {
      const folder = resolve(projectFolder, 'experiments');
      print(name === undefined ? await overview(folder) : await details(folder, name));
    });
}

async function overview(folder: string): Promise<string> {
  const names = await listExperiments(folder);
  const experiments = await Promise.all(names.map(async (name) => ({ name, ...(await loadExperiment(folder, name)) })));
  const width = Math.max(...names.map((name) => name.length));
  return experiments.map(({ name, title }) => `${name.padEnd(width)}  ${title}\n`).join('');
}

async function details(folder: string, name: string): Promise<string> {
  const { title, hypothesis, parameters } = await loadExperiment(folder, name);
  const rows = Object.entries(parameters).map(
    ([key, { type, defaultText, meaning }]) => `  ${key}  (${type}, default ${defaultText})\n      ${meaning}\n`,
  );
  return `${name}: ${title}\n\n${hypothesis}\n\nParameters (--set NAME=VALUE …):\n${rows.join('')}`;
}
