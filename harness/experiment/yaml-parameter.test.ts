import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { BlackstartError } from '../core/errors.ts';
import { yamlFile } from './yaml-parameter.ts';

const folder = mkdtempSync(join(tmpdir(), 'blackstart-yaml-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function errorOf(path: string): BlackstartError {
  try {
    yamlFile('m').parse(path);
  } catch (error) {
    if (error instanceof BlackstartError) return error;
  }
  throw new Error('it was accepted');
}

test('the document is read at once, and the path is the text', () => {
  const parameter = yamlFile('m');
  const path = write('good.yaml', 'kind: PodChaos\nspec: { action: pod-kill }\n');
  const file = parameter.parse(path);
  expect(file).toEqual({ path, document: { kind: 'PodChaos', spec: { action: 'pod-kill' } } });
  expect(parameter.format(file)).toBe(path);
});

test('no file is the default, and is written none', () => {
  const parameter = yamlFile('m');
  expect(parameter.default).toBeNull();
  expect(parameter.parse(parameter.defaultText)).toBeNull();
  expect(parameter.format(null)).toBe('none');
});

test('an error in the YAML is told with file, line and column, and every one of them', () => {
  const path = write('bad.yaml', 'kind: PodChaos\nkind: Other\nspec:\n  mode: [one\n');
  const error = errorOf(path);
  expect(error.code).toBe('invalid-experiment');
  expect(error.message).toContain(`${path}:2:1: Map keys must be unique`);
  expect(error.message).toMatch(/bad\.yaml:[45]:\d+: /);
});

test('a second document and an unknown alias are refused', () => {
  const second = write('two.yaml', 'a: 1\n---\nb: 2\n');
  expect(errorOf(second).message).toBe(`${second}:2:1: a second document begins; one is expected`);
  const alias = write('alias.yaml', 'a: *missing\n');
  expect(errorOf(alias).message).toContain(alias);
  expect(errorOf(alias).code).toBe('invalid-experiment');
});

test('a file that is not there is named', () => {
  const path = join(folder, 'missing.yaml');
  expect(errorOf(path)).toMatchObject({
    code: 'invalid-experiment',
    message: `cannot read ${path}: there is no such file`,
  });
});
