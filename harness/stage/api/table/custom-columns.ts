/** Columns of custom resources: `additionalPrinterColumns` with their JSON paths. */
import type { PrinterColumn } from '../resources.ts';
import { since } from './age.ts';
import type { Cell, Column } from './column.ts';
import { at, show } from './read.ts';

export function customColumns(columns: readonly PrinterColumn[]): Column[] {
  return columns.map(({ jsonPath, ...column }) => ({
    ...column,
    cell: (object, now) => cellOf(readJsonPath(object, jsonPath), column.type, now),
  }));
}

/** The cell for a value; null, shown as `<none>`, when the value is not of the column's type. */
function cellOf(value: unknown, type: string, now: Date): Cell {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'string':
      return show(value);
    case 'date':
      return Number.isNaN(Date.parse(show(value))) ? '<invalid>' : since(value, now);
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    default:
      return typeof value === 'boolean' ? value : null;
  }
}

/** A step of a JSON path: `.name`, `['name']`, `[0]`, `[*]` or `[?(@.name=="text")]`. */
const step = /\.([\w/-]+(?:\\.[\w/-]+)*)|\['([^']*)'\]|\[(\d+|\*)\]|\[\?\(@\.([\w.-]+)\s*==\s*["']([^"']*)["']\)\]/gy;

/**
 * The first value at a JSON path such as `.status.conditions[?(@.type=="Ready")].status`; undefined when there is none, or
 * the path uses more than such paths need.
 */
function readJsonPath(object: unknown, path: string): unknown {
  const steps = [...path.matchAll(step)];
  if (steps.reduce((length, match) => length + match[0].length, 0) < path.length) return undefined;
  return steps.reduce<unknown>((value, [, field, quoted, index, filter, wanted]) => {
    if (field !== undefined) return at(value, field.replaceAll('\\.', '.'));
    if (quoted !== undefined) return at(value, quoted);
    if (!Array.isArray(value)) return undefined;
    if (filter !== undefined) return value.find((item) => at(item, ...filter.split('.')) === wanted) as unknown;
    return value[index === '*' ? 0 : Number(index)] as unknown;
  }, object);
}
