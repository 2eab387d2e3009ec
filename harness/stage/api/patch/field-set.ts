/**
 * Sets of fields, in the very form in which `metadata.managedFields` holds them (fieldsV1): a tree of path elements, `f:NAME`
 * for a field, `k:{…}` for an item of a list by its keys, `v:VALUE` for a member of a set. A node without children is a
 * member; one with children is a member too when it has the element `.`. The root is none.
 */
import { isMap } from './json.ts';

export interface FieldsV1 {
  readonly [element: string]: FieldsV1;
}

export const union = (a: FieldsV1, b: FieldsV1): FieldsV1 => combineChildren(a, b, (inA, inB) => inA || inB);

export const difference = (a: FieldsV1, b: FieldsV1): FieldsV1 => combineChildren(a, b, (inA, inB) => inA && !inB);

export const intersection = (a: FieldsV1, b: FieldsV1): FieldsV1 => combineChildren(a, b, (inA, inB) => inA && inB);

/** True for a set without members, and for a map without entries. */
export const isEmpty = (fields: object): boolean => Object.keys(fields).length === 0;

export function isMember(node: FieldsV1): boolean {
  return isEmpty(node) || '.' in node;
}

/** The node of a member with these children. */
export function memberWith(children: FieldsV1): FieldsV1 {
  return isEmpty(children) ? {} : { '.': {}, ...children };
}

/** True for a tree of path elements: what a client sent as fieldsV1 may be something else. */
export function isFieldsV1(value: unknown): value is FieldsV1 {
  return isMap(value) && Object.entries(value).every(([key, node]) => /^(?:\.$|[fikv]:)/.test(key) && isFieldsV1(node));
}

type Keep = (inA: boolean, inB: boolean) => boolean;

function combineChildren(a: FieldsV1, b: FieldsV1, keep: Keep): FieldsV1 {
  const elements = new Set([...Object.keys(a), ...Object.keys(b)]);
  elements.delete('.');
  const children: Record<string, FieldsV1> = {};
  for (const element of elements) {
    const child = combineNodes(a[element], b[element], keep);
    if (child) children[element] = child;
  }
  return children;
}

function combineNodes(a: FieldsV1 | undefined, b: FieldsV1 | undefined, keep: Keep): FieldsV1 | undefined {
  const children = combineChildren(a ?? {}, b ?? {}, keep);
  if (keep(a !== undefined && isMember(a), b !== undefined && isMember(b))) return memberWith(children);
  return isEmpty(children) ? undefined : children;
}

/** The members as people read them, for example `.spec.containers[name="web"].image`; in the order of the API server. */
export function pathsOf(fields: FieldsV1, prefix = ''): string[] {
  const nodes = Object.entries(fields)
    .filter(([element]) => element !== '.')
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([element, node]): [string, FieldsV1] => [prefix + readable(element), node]);
  const members = nodes.filter(([, node]) => isMember(node)).map(([path]) => path);
  return [...members, ...nodes.flatMap(([path, node]) => pathsOf(node, path))];
}

function readable(element: string): string {
  const text = element.slice(2);
  if (element.startsWith('f:')) return `.${text}`;
  if (element.startsWith('v:')) return `[=${text}]`;
  const keys = Object.entries(JSON.parse(text) as Record<string, unknown>);
  return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
}
