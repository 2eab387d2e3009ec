import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { LineCounter, parseAllDocuments, visit, type Document, type Scalar } from 'yaml';
import { BlackstartError, messageOf } from '../core/errors.ts';
import type { KubeObject } from './client.ts';

/** What stands for `${NAME}`. A number stays a number where the placeholder is the whole value and not quoted. */
export type PlaceholderValues = Readonly<Record<string, string | number>>;

const placeholder = /\$\{([A-Z][A-Z0-9_]*)\}/g;

/**
 * Reads Kubernetes objects from a YAML or JSON file, or from all such files of a folder (by name, not its sub-folders).
 * With `values`, every `${NAME}` is replaced after parsing, so that no value can break the YAML; without, texts stay as
 * they are. Throws `invalid-experiment` with file and line.
 */
export function loadManifests(path: string, values?: PlaceholderValues): KubeObject[] {
  return manifestFiles(path).flatMap((file) => parseManifests(read(file), file, values));
}

/** The same for a text; `file` is for messages. */
export function parseManifests(text: string, file: string, values?: PlaceholderValues): KubeObject[] {
  const lineCounter = new LineCounter();
  const lineOf = (offset: number | undefined): number => lineCounter.linePos(offset ?? 0).line;
  const documents = parseAllDocuments(text, { lineCounter, prettyErrors: false });
  return [...documents].flatMap((document) => {
    const [problem] = document.errors;
    if (problem) throw invalid(file, lineOf(problem.pos[0]), problem.message);
    if (values) replacePlaceholders(document, values, (at, message) => invalid(file, lineOf(at), message));
    const content = toPlain(document, (message) => invalid(file, lineOf(document.range?.[0]), message));
    const objects = isList(content) ? content.items : [content];
    return objects
      .filter((object) => object !== null)
      .map((object) => {
        const missing = whatIsMissing(object);
        if (missing !== undefined) throw invalid(file, lineOf(document.contents?.range?.[0]), missing);
        return object as KubeObject;
      });
  });
}

/** The files of a folder, sorted; a link that leads out of it is refused. */
function manifestFiles(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const root = realpathSync(path);
    const names = readdirSync(path).filter((name) => /\.(ya?ml|json)$/.test(name));
    if (names.length === 0) throw new BlackstartError('invalid-experiment', `${path} has no .yaml, .yml or .json file`);
    return names.toSorted().map((name) => {
      const file = realpathSync(join(path, name));
      if (file.startsWith(root + sep)) return join(path, name);
      throw new BlackstartError('invalid-experiment', `${join(path, name)} leads out of its folder`, {
        hint: 'Copy the file into the folder.',
      });
    });
  } catch (problem) {
    if (problem instanceof BlackstartError) throw problem;
    throw new BlackstartError('invalid-experiment', `Manifests cannot be read: ${messageOf(problem)}`, {
      cause: problem,
    });
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (problem) {
    throw new BlackstartError('invalid-experiment', `${basename(file)} cannot be read: ${messageOf(problem)}`, {
      cause: problem,
    });
  }
}

function replacePlaceholders(
  document: Document.Parsed,
  values: PlaceholderValues,
  problem: (offset: number | undefined, message: string) => BlackstartError,
): void {
  const valueOf = (name: string, scalar: Scalar): string | number => {
    const value = values[name];
    if (value === undefined) throw problem(scalar.range?.[0], `unknown placeholder \${${name}}`);
    return value;
  };
  visit(document, {
    Scalar: (_key, scalar) => {
      if (typeof scalar.value !== 'string') return;
      const whole = scalar.type === 'PLAIN' ? /^\$\{([A-Z][A-Z0-9_]*)\}$/.exec(scalar.value)?.[1] : undefined;
      scalar.value =
        whole === undefined
          ? scalar.value.replaceAll(placeholder, (_all, name: string) => String(valueOf(name, scalar)))
          : valueOf(whole, scalar);
    },
  });
}

/** Aliases that are unknown, or too many, are found only now. */
function toPlain(document: Document.Parsed, problem: (message: string) => BlackstartError): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw problem(messageOf(cause));
  }
}

function isList(content: unknown): content is { items: readonly unknown[] } {
  const list = content as { kind?: unknown; items?: unknown } | null;
  return list?.kind === 'List' && Array.isArray(list.items);
}

function whatIsMissing(content: unknown): string | undefined {
  const object = content as { apiVersion?: unknown; kind?: unknown; metadata?: { name?: unknown } | null };
  if (typeof object !== 'object') return 'not a Kubernetes object';
  if (typeof object.apiVersion !== 'string') return 'a Kubernetes object needs apiVersion';
  if (typeof object.kind !== 'string') return 'a Kubernetes object needs kind';
  if (typeof object.metadata?.name !== 'string') return 'a Kubernetes object needs metadata.name';
  return undefined;
}

function invalid(file: string, line: number, message: string): BlackstartError {
  return new BlackstartError('invalid-experiment', `${file}, line ${line}: ${message}`);
}
