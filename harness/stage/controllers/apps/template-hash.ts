import { createHash } from 'node:crypto';
import type { PodTemplate } from '../base/kinds.ts';

/** Where Go leaves a zero value out when it writes a template back (kubectl rollout undo), so it must not count. */
const zeroMeansAbsent = new Set(
  'hostNetwork hostPID hostIPC readOnly stdin stdinOnce tty hostPort initialDelaySeconds value subPath'.split(' '),
);

/** The same for templates that mean the same, whatever the order of keys and whatever is left out or empty. */
export function templateHash(template: PodTemplate): string {
  const text = JSON.stringify(canonical('', template));
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}

function canonical(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => canonical('', item) ?? null);
  if (value === null || (!value && zeroMeansAbsent.has(key))) return undefined;
  if (typeof value !== 'object') return value;
  const entries = Object.entries(value)
    .map(([name, child]) => [name, canonical(name, child)] as const)
    .filter(([, child]) => child !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
