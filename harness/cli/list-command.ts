import type { Command } from 'commander';
import { listExperiments, load, type Loaded } from '../experiment/load.ts';
import type { Done } from './main.ts';
import { experimentsFolder } from './options.ts';
import { print } from './terminal.ts';

/** `blackstart list [NAME]`: the experiments and studies, or one with its parameters. */
export function addListCommand(program: Command, _done: Done): void {
  program
    .command('list [experiment]')
    .description('list the experiments and studies, or the parameters of one')
    .action(async (name: string | undefined) => {
      print(name === undefined ? await overview(experimentsFolder) : await details(experimentsFolder, name));
    });
}

async function overview(folder: string): Promise<string> {
  const names = await listExperiments(folder);
  const width = Math.max(...names.map((name) => name.length));
  const lines = await Promise.all(
    names.map(async (name) => {
      const loaded = await load(folder, name);
      return `${name.padEnd(width)}  ${titleOf(loaded)}${loaded.kind === 'study' ? ' (a study: several runs)' : ''}\n`;
    }),
  );
  return lines.join('');
}

async function details(folder: string, name: string): Promise<string> {
  const loaded = await load(folder, name);
  const { parameters } = loaded.kind === 'study' ? loaded.study : loaded.experiment;
  const claim = loaded.kind === 'study' ? loaded.study.question : loaded.experiment.hypothesis;
  const rows = Object.entries(parameters).map(
    ([key, { type, defaultText, meaning }]) => `  ${key}  (${type}, default ${defaultText})\n      ${meaning}\n`,
  );
  return `${name}: ${titleOf(loaded)}\n\n${claim}\n\nParameters (--set NAME=VALUE …):\n${rows.join('')}`;
}

function titleOf(loaded: Loaded): string {
  return loaded.kind === 'study' ? loaded.study.title : loaded.experiment.title;
}
