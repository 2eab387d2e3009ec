import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeObject } from '../cluster/client.ts';

export interface ProgramFiles {
  /** What the pods mount: the program's files, without its tests. */
  readonly configMap: KubeObject;
  /** Changes with any of them. */
  readonly hash: string;
}

/** Packs a program of `harness/workload/` into a ConfigMap named `PROGRAM-files`. */
export function programFiles(program: string, namespace: string): ProgramFiles {
  const folder = join(import.meta.dirname, '../workload', program);
  const names = readdirSync(folder).filter(
    (name) => name === 'package.json' || (name.endsWith('.ts') && !name.endsWith('.test.ts')),
  );
  const data = Object.fromEntries(names.toSorted().map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  const configMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${program}-files`, namespace, labels: { 'app.kubernetes.io/managed-by': 'blackstart' } },
    data,
  };
  return { configMap, hash: createHash('sha256').update(JSON.stringify(data)).digest('hex').slice(0, 16) };
}
