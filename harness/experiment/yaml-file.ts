import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { BlackstartError, messageOf } from '../core/errors.ts';
import type { YamlFile } from './spec.ts';

/**
 * Reads a file with one YAML document. The path is kept as it was given.
 * Throws `invalid-experiment` with file, line and column of every error in it.
 */
export function readYamlFile(path: string): YamlFile {
  const lines = new LineCounter();
  const parsed = parseDocument(readText(path), { lineCounter: lines, prettyErrors: false });
  if (parsed.errors.length > 0) {
    const errors = parsed.errors.map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      const message = error.code === 'MULTIPLE_DOCS' ? 'a second document begins; one is expected' : error.message;
      return `${path}:${line}:${col}: ${message}`;
    });
    throw new BlackstartError('invalid-experiment', errors.join('\n'), { hint: `Correct the YAML in ${path}.` });
  }
  try {
    return { path, document: parsed.toJS() as unknown };
  } catch (error) {
    throw new BlackstartError('invalid-experiment', `${path}: ${messageOf(error)}`, { cause: error });
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === 'ENOENT' ? 'there is no such file' : messageOf(error);
    throw new BlackstartError('invalid-experiment', `cannot read ${path}: ${reason}`, { cause: error });
  }
}
