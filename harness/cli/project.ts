import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';

/** The clone that this program runs from. */
export const projectFolder = fileURLToPath(new URL('../../', import.meta.url));

/** Default folder for results: under the folder in which the command was typed. */
export function defaultRunsFolder(): string {
  return resolve('runs');
}

/** The version of Blackstart itself. */
export function blackstartVersion(): string {
  const packageJson = JSON.parse(readFileSync(resolve(projectFolder, 'package.json'), 'utf8')) as { version: string };
  return packageJson.version;
}
