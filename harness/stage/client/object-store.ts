import type { KubeObject } from './types.ts';

/** `namespace/name`, or `name` for what has no namespace. */
export function keyOf({ metadata }: Pick<KubeObject, 'metadata'>): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}
