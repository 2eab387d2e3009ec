import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { BlackstartError } from '../core/errors.ts';
import { listExperiments, load, loadExperiment } from './load.ts';

const ours = resolve(import.meta.dirname, '../../experiments');
const folder = mkdtempSync(join(tmpdir(), 'blackstart-load-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Experiments outside of the project cannot import #harness; the loader looks at the shape only. */
function write(name: string, text: string): void {
  writeFileSync(join(folder, `${name}.ts`), text);
}

async function errorOf(name: string, from = folder): Promise<BlackstartError> {
  const error: unknown = await loadExperiment(from, name).catch((thrown: unknown) => thrown);
  if (error instanceof BlackstartError) return error;
  throw new Error('it was loaded');
}

const good = `title: 't', hypothesis: 'h', define: () => ({})`;

test('every experiment of the project loads', async () => {
  const names = await listExperiments(ours);
  expect(names).toEqual(names.toSorted());
  expect(names).toContain('dns-cache-expiry');
  expect(names).toContain('apiserver-kill');
  for (const name of names) {
    const loaded = await load(ours, name);
    expect(loaded.kind === 'study' ? loaded.study.title : loaded.experiment.title).not.toBe('');
  }
});

test('a study is told from an experiment by its question, and is none', async () => {
  expect((await load(ours, 'scale-sweep')).kind).toBe('study');
  expect((await load(ours, 'dns-cache-expiry')).kind).toBe('experiment');
  expect((await errorOf('scale-sweep', ours)).message).toBe("'scale-sweep' is a study, not an experiment");
});

test('only files that can be experiments are listed', async () => {
  const mixed = join(folder, 'mixed');
  mkdirSync(mixed);
  for (const file of ['b.ts', 'a-1.ts', 'a.test.ts', 'README.md', 'Upper.ts', '.hidden.ts']) {
    writeFileSync(join(mixed, file), '');
  }
  expect(await listExperiments(mixed)).toEqual(['a-1', 'b']);
  await expect(listExperiments(join(mixed, 'missing'))).rejects.toMatchObject({ code: 'usage' });
});

test('an unknown name is a usage error that suggests the nearest and lists all', async () => {
  const error = await errorOf('dns-cache-expire', ours);
  expect(error.code).toBe('usage');
  expect(error.message).toBe("there is no experiment 'dns-cache-expire'; did you mean 'dns-cache-expiry'?");
  expect(error.hint).toContain('apiserver-kill, break-glass, dns-cache-expiry');
});

test('a path is no name', async () => {
  expect((await errorOf('../experiments/dns-cache-expiry', ours)).code).toBe('usage');
});

test('a file that throws is named together with the cause', async () => {
  write('throws', `throw new Error('the author made a mistake');`);
  const error = await errorOf('throws');
  expect(error.code).toBe('invalid-experiment');
  expect(error.message).toContain(join(folder, 'throws.ts'));
  expect(error.message).toContain('the author made a mistake');
});

test('a file that is no TypeScript is named', async () => {
  write('syntax', 'export default {');
  expect(await errorOf('syntax')).toMatchObject({ code: 'invalid-experiment' });
  expect((await errorOf('syntax')).message).toContain('syntax.ts cannot be loaded');
});

test.each([
  ['no-default', 'export const x = 1;', 'it has no default export'],
  ['text', `export default 'x';`, 'is no experiment'],
  ['no-title', `export default { hypothesis: 'h', parameters: {}, define: () => ({}) };`, 'its title is missing'],
  ['no-hypothesis', `export default { title: 't', parameters: {}, define: () => ({}) };`, 'its hypothesis is missing'],
  ['no-question', `export default { title: 't', question: '', parameters: {} };`, 'its question is missing'],
  ['no-define', `export default { title: 't', hypothesis: 'h', parameters: {} };`, 'its define function is missing'],
  ['no-parameters', `export default { ${good} };`, 'its parameters are missing'],
  ['plain-value', `export default { ${good}, parameters: { hold: '20m' } };`, 'parameters.hold: it is no parameter'],
  [
    'bad-name',
    `export default { ${good}, parameters: { 'a=b': {} } };`,
    "parameters.a=b: a name consists of letters, digits, '.', '-' and '_'",
  ],
  [
    'bad-default',
    `export default { ${good}, parameters: { hold: { parse() { throw new Error('too long'); }, defaultText: 'x', meaning: 'm' } } };`,
    'parameters.hold: its own default does not hold up: too long',
  ],
])('a file with %s says what is missing', async (name, text, message) => {
  write(name, text);
  const error = await errorOf(name);
  expect(error.code).toBe('invalid-experiment');
  expect(error.message).toContain(`${name}.ts: `);
  expect(error.message).toContain(message);
});
