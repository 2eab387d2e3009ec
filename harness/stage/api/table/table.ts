import type { KubeObject } from '../../client/types.ts';
import type { ResourceType } from '../resources.ts';
import type { Cell } from './column.ts';
import { columnsOf } from './columns.ts';

/** The answer to `Accept: application/json;as=Table;v=v1;g=meta.k8s.io`. */
export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: 'meta.k8s.io/v1';
  /** Of the list, or of the one object: for the caller to fill in. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly columnDefinitions: readonly ColumnDefinition[];
  readonly rows: readonly TableRow[];
}

interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

interface TableRow {
  readonly cells: readonly Cell[];
  readonly object?: unknown;
}

interface TableOptions {
  /** The query parameter: `None`, `Metadata` (default) or `Object`, which kubectl asks for when it sorts. */
  readonly includeObject?: string | undefined;
  /** What ages are told against. Default: now. */
  readonly now?: Date;
}

export function toTable(type: ResourceType, objects: readonly KubeObject[], options: TableOptions = {}): Table {
  const { includeObject = 'Metadata', now = new Date() } = options;
  const columns = columnsOf(type);
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: {},
    columnDefinitions: columns.map(({ name, type: kind = 'string', format = '', description = '', priority = 0 }) => ({
      name,
      type: kind,
      format,
      description,
      priority,
    })),
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object, now)),
      ...objectOf(object, includeObject),
    })),
  };
}

function objectOf(object: KubeObject, includeObject: string): { object?: unknown } {
  if (includeObject === 'None') return {};
  if (includeObject === 'Object') return { object };
  return { object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata } };
}
