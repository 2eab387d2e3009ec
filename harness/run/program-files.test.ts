import { expect, it } from 'vitest';
import { programFiles } from './program-files.ts';

it.each(['prober', 'model-server', 'telemetry-agent', 'fake-nodes'])(
  'packs all files that %s needs, and none of its tests',
  (program) => {
    const { configMap, hash } = programFiles(program, 'blackstart');
    const data = (configMap as unknown as { data: Record<string, string> }).data;
    expect(configMap.metadata).toMatchObject({ name: `${program}-files`, namespace: 'blackstart' });
    expect(Object.keys(data)).toContain('main.ts');
    expect(Object.keys(data).filter((name) => name.includes('.test.'))).toEqual([]);
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    for (const text of Object.values(data)) {
      // What is imported at run time must be a sibling that is packed too, or part of Node.
      for (const [, from = ''] of text.matchAll(/^import (?!type ).*from '([^']+)';$/gm)) {
        expect(from.startsWith('node:') || Object.hasOwn(data, from.slice(2))).toBe(true);
      }
    }
  },
);
