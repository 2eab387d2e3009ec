import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BlackstartError, messageOf } from '../core/errors.ts';
import type { Experiment } from './define.ts';
import { didYouMean } from './nearest.ts';
import type { Study } from './study.ts';

export { parseSettings } from './settings.ts';

const filePattern = /^([a-z][a-z0-9-]*)\.ts$/;

/** Names of the experiments in a folder, sorted: the names of its files without `.ts`. */
export async function listExperiments(folder: string): Promise<readonly string[]> {
  let files: string[];
  try {
    files = await readdir(folder);
  } catch (error) {
    const message = `cannot read the experiments in ${folder}: ${messageOf(error)}`;
    throw new BlackstartError('usage', message, { cause: error });
  }
  return files.flatMap((file) => filePattern.exec(file)?.[1] ?? []).toSorted();
}

/** What a file in the folder exports. */
export type Loaded =
  { readonly kind: 'experiment'; readonly experiment: Experiment } | { readonly kind: 'study'; readonly study: Study };

/**
 * The default export of `NAME.ts` in this folder. Throws `usage` for a name that is not there, `invalid-experiment` for
 * a file that throws or exports something else.
 */
export async function load(folder: string, name: string): Promise<Loaded> {
  const names = await listExperiments(folder);
  if (!names.includes(name)) {
    const known = names.length === 0 ? `there is none in ${folder}` : `there are: ${names.join(', ')}`;
    throw new BlackstartError('usage', `there is no experiment '${name}'${didYouMean(name, names)}`, { hint: known });
  }
  const file = join(folder, `${name}.ts`);
  const exported = await importDefault(file);
  const problem = problemWith(exported);
  if (problem === undefined) {
    return isStudy(exported)
      ? { kind: 'study', study: exported as Study }
      : { kind: 'experiment', experiment: exported as Experiment };
  }
  throw new BlackstartError('invalid-experiment', `${file}: ${problem}`, {
    hint: 'Write: export default defineExperiment({ title, hypothesis, parameters, define }), or defineStudy with a question.',
  });
}

/** The same for an experiment. Throws `usage` for a study: it is several runs. */
export async function loadExperiment(folder: string, name: string): Promise<Experiment> {
  const loaded = await load(folder, name);
  if (loaded.kind === 'experiment') return loaded.experiment;
  throw new BlackstartError('usage', `'${name}' is a study, not an experiment`);
}

/** A study asks a question, an experiment states a hypothesis. */
function isStudy(exported: unknown): boolean {
  return isObject(exported) && 'question' in exported;
}

async function importDefault(file: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(resolve(file)).href)) as { readonly default?: unknown };
    return module.default;
  } catch (error) {
    const message = `${file} cannot be loaded: ${messageOf(error)}`;
    throw new BlackstartError('invalid-experiment', message, { cause: error });
  }
}

function problemWith(exported: unknown): string | undefined {
  if (exported === undefined) return 'it has no default export';
  if (!isObject(exported)) return 'its default export is no experiment';
  const { title, parameters, define } = exported;
  const claim = isStudy(exported) ? 'question' : 'hypothesis';
  if (typeof title !== 'string' || title === '') return 'its title is missing';
  if (typeof exported[claim] !== 'string' || exported[claim] === '') return `its ${claim} is missing`;
  if (typeof define !== 'function') return 'its define function is missing';
  if (!isObject(parameters)) return 'its parameters are missing; write parameters: {} when there is none';
  for (const [name, parameter] of Object.entries(parameters)) {
    const problem = problemWithParameter(name, parameter);
    if (problem !== undefined) return `parameters.${name}: ${problem}`;
  }
  return undefined;
}

function problemWithParameter(name: string, parameter: unknown): string | undefined {
  if (!/^[A-Za-z][\w.-]*$/.test(name)) return "a name consists of letters, digits, '.', '-' and '_'";
  if (!isObject(parameter)) return 'it is no parameter; write for example duration(…) or oneOf(…)';
  const { parse, defaultText, meaning } = parameter;
  if (typeof parse !== 'function' || typeof defaultText !== 'string') return 'it is no parameter';
  if (typeof meaning !== 'string' || meaning === '') return 'its meaning is missing';
  try {
    parse(defaultText);
    return undefined;
  } catch (error) {
    return `its own default does not hold up: ${messageOf(error)}`;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
