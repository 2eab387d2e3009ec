import { lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { BlackstartError } from '../core/errors.ts';
import type { Plan } from '../plan/plan.ts';

/** Makes `runs/<experiment>/<UTC time>/`, writes plan.json into it and links it as `runs/latest`. */
export function createRunFolder(runsFolder: string, plan: Plan, clock: Clock): string {
  return createFolder(runsFolder, plan.experiment, clock, { 'plan.json': plan });
}

/** The same for a study, with what is written into it: JSON by file name. */
export function createFolder(
  runsFolder: string,
  name: string,
  clock: Clock,
  files: Readonly<Record<string, object>>,
): string {
  const time = clock.now().toISOString().replaceAll(':', '-').replace(/\..*$/, 'Z');
  const parent = join(runsFolder, name);
  try {
    mkdirSync(parent, { recursive: true });
    const folder = makeFree(join(parent, time));
    for (const [file, content] of Object.entries(files)) {
      writeFileSync(join(folder, file), `${JSON.stringify(content, null, 2)}\n`);
    }
    linkLatest(runsFolder, folder);
    return folder;
  } catch (cause) {
    throw new BlackstartError('usage', `Cannot write the run's folder under ${runsFolder}`, {
      hint: 'Choose a folder that can be written with --runs FOLDER.',
      cause,
    });
  }
}

/** A run's folder within that of its study, with plan.json. */
export function createInnerRunFolder(studyFolder: string, name: string, plan: Plan): string {
  const folder = join(studyFolder, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'plan.json'), `${JSON.stringify(plan, null, 2)}\n`);
  return folder;
}

/** Two runs may begin in the same second: the later one gets a number. */
function makeFree(folder: string): string {
  for (let count = 1; ; count++) {
    const name = count === 1 ? folder : `${folder}-${count}`;
    try {
      mkdirSync(name);
      return name;
    } catch (problem) {
      if ((problem as NodeJS.ErrnoException).code !== 'EEXIST') throw problem;
    }
  }
}

function linkLatest(runsFolder: string, folder: string): void {
  const link = join(runsFolder, 'latest');
  if (lstatSync(link, { throwIfNoEntry: false })) rmSync(link);
  try {
    symlinkSync(relative(runsFolder, folder), link);
  } catch (problem) {
    // Another run linked itself in the same instant.
    if ((problem as NodeJS.ErrnoException).code !== 'EEXIST') throw problem;
  }
}
