import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const folder = import.meta.dirname;

describe('code that confirms', () => {
  const files = readdirSync(join(folder, 'confirm')).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );

  it('is there', () => {
    expect(files.length).toBeGreaterThan(5);
  });

  it.each(files)('does not import code that injects: %s', (file) => {
    const text = readFileSync(join(folder, 'confirm', file), 'utf8');
    const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, path]) => path);
    expect(imports.filter((path) => /chaos-mesh|\/node\/|run-fault|catalog|noop/.test(path ?? ''))).toEqual([]);
  });

  it.each(files)('changes nothing itself: %s', (file) => {
    const text = readFileSync(join(folder, 'confirm', file), 'utf8');
    expect(text).not.toMatch(/\.(?:perform|apply|create|delete|patch|stop|freeze|park|pause)\(/);
  });
});
