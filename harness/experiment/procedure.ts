import { BlackstartError } from '../core/errors.ts';
import { problemPath } from './problem.ts';
import { checkRungs } from './check-rung.ts';
import { procedureSchema } from './rung-schema.ts';
import type { RungSpec } from './rung-spec.ts';
import type { YamlFile } from './spec.ts';

/**
 * The rungs of a team's own procedure, `rungs: [ … ]` in YAML. Throws one `invalid-experiment` that lists everything that
 * is wrong with the file, each with its path.
 */
export function readProcedure({ path, document }: YamlFile): readonly RungSpec[] {
  const read = procedureSchema.safeParse(document);
  const problems = read.success
    ? [...checkRungs('rungs', read.data.rungs)]
    : read.error.issues.map((issue) => ({ path: problemPath(issue.path), message: issue.message }));
  if (read.success && problems.length === 0) return read.data.rungs;
  const lines = problems.map((problem) => `  ${problem.path === '' ? 'it' : problem.path}: ${problem.message}`);
  throw new BlackstartError('invalid-experiment', [`${path} is no procedure:`, ...lines].join('\n'), {
    hint: 'CONTRIBUTING.md, "A procedure of your own", shows one.',
  });
}
