import type { KubeObject } from '../../client/types.ts';
import { parseFieldSelector } from '../select/field-selector.ts';
import { parseLabelSelector, type Matcher } from '../select/label-selector.ts';
import type { ApiRequest } from './api.ts';

type Asked = Pick<ApiRequest, 'type' | 'info'>;

/** Whether an object is one of those that the request is about: its namespace, name and selectors. Undefined when all are. */
export function parseSelection({ type, info }: Asked): Matcher<KubeObject> | undefined {
  const { namespace, name, query } = info;
  const byLabels = parseLabelSelector(query.get('labelSelector') ?? '');
  const byFields = parseFieldSelector(type, query.get('fieldSelector') ?? '');
  if (!byLabels && !byFields && namespace === '' && name === '') return undefined;
  return (object) =>
    (namespace === '' || object.metadata.namespace === namespace) &&
    (name === '' || object.metadata.name === name) &&
    (byLabels?.(object.metadata.labels ?? {}) ?? true) &&
    (byFields?.(object) ?? true);
}

export function selectObjects(asked: Asked, objects: readonly KubeObject[]): readonly KubeObject[] {
  const matches = parseSelection(asked);
  return matches ? objects.filter(matches) : objects;
}
