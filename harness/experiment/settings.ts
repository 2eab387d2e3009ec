import { BlackstartError } from '../core/errors.ts';
import type { Experiment } from './define.ts';
import { didYouMean } from './nearest.ts';
import type { Settings } from './parameter.ts';

/**
 * Reads `NAME=VALUE…` with the parameters that the experiment declares; the others keep their defaults.
 * Throws one `usage` that lists everything that is wrong.
 */
export function parseSettings(experiment: Pick<Experiment, 'parameters'>, assignments: readonly string[]): Settings {
  const { parameters } = experiment;
  const names = Object.keys(parameters);
  const settings: Record<string, unknown> = {};
  const problems: string[] = [];
  let undeclared = false;
  for (const assignment of assignments) {
    const equals = assignment.indexOf('=');
    const name = assignment.slice(0, equals);
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (equals < 1) problems.push(`'${assignment}' is no setting; write NAME=VALUE`);
    else if (!parameter) {
      problems.push(`there is no parameter '${name}'${didYouMean(name, names)}`);
      undeclared = true;
    } else if (Object.hasOwn(settings, name)) problems.push(`${name} is set twice`);
    else settings[name] = collect(problems, name, () => parameter.parse(assignment.slice(equals + 1)));
  }
  if (problems.length > 0) {
    const declared = names.length === 0 ? 'This experiment has no parameters.' : `Parameters: ${names.join(', ')}.`;
    throw new BlackstartError('usage', problems.join('\n'), undeclared ? { hint: declared } : {});
  }
  for (const [name, parameter] of Object.entries(parameters)) {
    if (!Object.hasOwn(settings, name)) settings[name] = parameter.default;
  }
  return settings;
}

/** Errors of ours become problems; all others are bugs and go on. */
function collect(problems: string[], name: string, parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof BlackstartError)) throw error;
    problems.push(`${name}: ${error.message}`);
    return undefined;
  }
}
