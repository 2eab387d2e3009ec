import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findBreaches, importsOf, type Layers } from './layers.ts';

const project = resolve(import.meta.dirname, '../..');
const layers = JSON.parse(readFileSync(join(project, 'harness/layers.json'), 'utf8')) as Layers;

function breaches(path: string, text: string): string[] {
  return findBreaches([{ path, text }], layers);
}

test('no file imports what its layer must not', () => {
  const paths = globSync(['harness/**/*.{ts,js}', 'experiments/**/*.ts'], { cwd: project });
  expect(paths).toContain('harness/core/clock.ts');
  expect(paths).toContain('experiments/dns-cache-expiry.ts');
  const files = paths.map((path) => ({ path, text: readFileSync(join(project, path), 'utf8') }));
  expect(findBreaches(files, layers)).toEqual([]);
});

test('every folder in the table allows only folders that are in it', () => {
  const folders = Object.keys(layers.folders);
  const named = [...Object.values(layers.folders), ...Object.values(layers.typesOnly)].flat();
  expect(named.filter((folder) => !folders.includes(folder))).toEqual([]);
});

describe('a breach is', () => {
  test.each([
    ['harness/core/clock.ts', `import { x } from '../plan/plan.ts';`, 'core/ must not import plan/'],
    ['harness/core/clock.ts', `import type { X } from '../plan/plan.ts';`, 'core/ must not import plan/'],
    ['harness/core/clock.ts', `export { x } from '../plan/plan.ts';`, 'core/ must not import plan/'],
    ['harness/core/clock.ts', `export * from '../plan/plan.ts';`, 'core/ must not import plan/'],
    ['harness/core/clock.ts', `import '../plan/plan.ts';`, 'core/ must not import plan/'],
    ['harness/core/clock.ts', `await import('../plan/plan.ts');`, 'core/ must not import plan/'],
    ['harness/core/clock.ts', `import {\n  x,\n  y,\n} from '../plan/plan.ts';`, 'core/ must not import plan/'],
    ['harness/core/clock.test.ts', `import { x } from '../plan/plan.ts';`, 'core/ must not import plan/'],
    ['harness/core/clock.ts', `import { x } from '../test/layers.ts';`, 'core/ must not import test/'],
    ['harness/verdict/judge.ts', `import { x } from '../fault/catalog.ts';`, 'verdict/ must not import fault/'],
    ['harness/verdict/a/b.ts', `import { x } from '../../run/run.ts';`, 'verdict/ must not import run/'],
    ['harness/index.ts', `import { x } from './run/run.ts';`, 'the barrel must not import run/'],
    ['harness/probe/read.ts', `import { x } from '../workload/prober/wire.ts';`, 'other than by import type'],
    ['harness/workload/prober/main.ts', `import { x } from '../../core/sample.ts';`, 'other than by import type'],
    ['harness/workload/prober/main.ts', `import { z } from 'zod';`, 'programs in the cluster have no packages'],
    ['harness/core/poll.ts', `import { execa } from 'execa';`, 'imports execa; only core/command.ts may'],
    [
      'harness/run/run.ts',
      `import * as k from '@kubernetes/client-node/dist/x.js';`,
      'only cluster/client-node.ts may',
    ],
    ['harness/run/run.ts', `import { x } from '#harness';`, 'only experiments do'],
    ['harness/run/run.ts', `import { x } from '../../scripts/x.ts';`, 'outside of harness/'],
    ['harness/novel/run.ts', `import { x } from '../core/clock.ts';`, 'which layers.json does not know'],
    ['experiments/mine.ts', `import { x } from '../harness/core/clock.ts';`, 'experiments import only #harness'],
    ['experiments/mine.ts', `import { x } from 'node:fs';`, 'experiments import only #harness'],
    ['harness/run/run.ts', `const backend = 'kind';`, `names the backend 'kind'`],
    ['harness/run/run.ts', `if (plan.backend === "embedded") x();`, `names the backend "embedded"`],
  ])('in %s: %s', (path, text, message) => {
    const found = breaches(path, text);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(path);
    expect(found[0]).toContain(message);
  });
});

describe('allowed is', () => {
  test.each([
    ['harness/plan/build.ts', `import { x } from '../core/clock.ts';\nimport { y } from './freeze.ts';`],
    ['harness/plan/a/b.ts', `import { x } from '../freeze.ts';`],
    ['harness/plan/build.test.ts', `import { x } from '../test/plan-inputs.ts';`],
    ['harness/probe/read.ts', `import type { X } from '../workload/prober/wire.ts';`],
    ['harness/core/command.ts', `import { execa } from 'execa';`],
    ['harness/cli/run-command.ts', `import type { Command } from 'commander';\nconst backend = 'kind';`],
    ['harness/cluster/kind/backend.ts', `export const name = 'kind';`],
    [
      'harness/fault/fault.ts',
      `type Kind = Spec['kind'];\nz.discriminatedUnion('kind', []);\ntype X = Omit<Spec, 'kind'>;\nexpectField(x, 'kind', 'PodChaos');`,
    ],
    ['harness/core/clock.ts', `// import { x } from '../plan/plan.ts';\n * import { x } from '../plan/plan.ts';`],
    ['harness/test/kind/run.test.ts', `import { x } from '../../run/run.ts';`],
    ['experiments/mine.ts', `import { x } from '#harness';`],
  ])('in %s: %s', (path, text) => {
    expect(breaches(path, text)).toEqual([]);
  });
});

test('imports are found in every form, and whether they are erased', () => {
  const text = `import a from 'a';
import type { B } from 'b';
import { type C, c } from 'c';
import {
  d,
} from 'd';
export type { E } from 'e';
export * as f from 'f';
import 'g';
export const from = 'no';
const h = await import('h');`;
  expect(importsOf(text).map(({ from, typeOnly }) => `${from}${typeOnly ? ' (type)' : ''}`)).toEqual([
    'a',
    'b (type)',
    'c',
    'd',
    'e (type)',
    'f',
    'g',
    'h',
  ]);
});
