import type { KubeObject } from '../../client/types.ts';
import { since } from './age.ts';
import { at, entriesAt, listAt, show, textAt } from './read.ts';

export type Cell = string | number | boolean | null;

/** A column of `kubectl get`. */
export interface Column {
  readonly name: string;
  /** Default `string`. */
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  /** Default 0; 1 is shown only with `-o wide`. */
  readonly priority?: number;
  readonly cell: (object: KubeObject, now: Date) => Cell;
}

export const name: Column = { name: 'Name', format: 'name', cell: (object) => object.metadata.name };

export const age: Column = { name: 'Age', cell: (object, now) => since(object.metadata.creationTimestamp, now) };

/** The timestamp itself: what kinds without columns of their own have instead of an age. */
export const createdAt: Column = {
  name: 'Created At',
  type: 'date',
  cell: (object) => object.metadata.creationTimestamp ?? null,
};

export const column = (title: string, cell: Column['cell']): Column => ({ name: title, cell });

/** A column that stands only in `-o wide`. */
export const wide = (title: string, cell: Column['cell']): Column => ({ name: title, priority: 1, cell });

/** A column with a text from the object; `missing` when there is none. */
export function text(title: string, path: readonly string[], missing = ''): Column {
  return { name: title, cell: (object) => textAt(object, ...path) || missing };
}

/** A column with a number from the object; 0 when there is none. */
export function integer(title: string, path: readonly string[]): Column {
  return { name: title, type: 'integer', cell: (object) => Number(at(object, ...path) ?? 0) };
}

/** Names, images and selector of what has a pod template: the wide columns of workloads. */
export const templateColumns: readonly Column[] = [
  wide('Containers', (object) => containerFields(object, 'name')),
  wide('Images', (object) => containerFields(object, 'image')),
  wide('Selector', (object) => formatSelector(at(object, 'spec', 'selector'))),
];

function containerFields(object: unknown, field: string): string {
  return listAt(object, 'spec', 'template', 'spec', 'containers')
    .map((container) => textAt(container, field))
    .join(',');
}

/** `a=1,b=2`; `<none>` when there are none. */
export function formatLabels(object: unknown, ...path: readonly string[]): string {
  const labels = entriesAt(object, ...path).map(([key, value]) => `${key}=${show(value)}`);
  return labels.join(',') || '<none>';
}

/** A label selector as kubectl takes it: `app=web,tier in (a,b),!canary`. */
function formatSelector(selector: unknown): string {
  const labels = entriesAt(selector, 'matchLabels').map(([key, value]) => ({ key, text: `${key}=${show(value)}` }));
  const expressions = listAt(selector, 'matchExpressions').map((expression) => {
    const key = textAt(expression, 'key');
    const values = `(${listAt(expression, 'values')
      .map(show)
      .toSorted((a, b) => (a < b ? -1 : 1))
      .join(',')})`;
    const texts: Record<string, string> = { In: `${key} in ${values}`, NotIn: `${key} notin ${values}`, Exists: key };
    return { key, text: texts[textAt(expression, 'operator')] ?? `!${key}` };
  });
  const all = [...labels, ...expressions].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return all.map((one) => one.text).join(',') || '<none>';
}
