import type { KubeObject } from '../../client/types.ts';
import { since } from './age.ts';
import { column, name, text, wide, type Column } from './column.ts';
import { at, numberAt, textAt } from './read.ts';

export const eventColumns: readonly Column[] = [
  column('Last Seen', lastSeen),
  text('Type', ['type']),
  text('Reason', ['reason']),
  column('Object', eventObject),
  wide('Subobject', (event) => textAt(event, 'involvedObject', 'fieldPath')),
  wide('Source', eventSource),
  column('Message', (event) => textAt(event, 'message').trim()),
  wide('First Seen', firstSeen),
  wide('Count', (event) => String(numberAt(event, 'series', 'count') || numberAt(event, 'count') || 1)),
  { ...name, priority: 1 },
];

function firstSeen(event: KubeObject, now: Date): string {
  return since(at(event, 'firstTimestamp') ?? at(event, 'eventTime'), now);
}

function lastSeen(event: KubeObject, now: Date): string {
  const last = at(event, 'series', 'lastObservedTime') ?? at(event, 'lastTimestamp');
  return last ? since(last, now) : firstSeen(event, now);
}

function eventObject(event: KubeObject): string {
  const kind = textAt(event, 'involvedObject', 'kind').toLowerCase();
  const target = textAt(event, 'involvedObject', 'name');
  return target === '' ? kind : `${kind}/${target}`;
}

function eventSource(event: KubeObject): string {
  const component = textAt(event, 'source', 'component') || textAt(event, 'reportingComponent');
  const instance = textAt(event, 'source', 'host') || textAt(event, 'reportingInstance');
  return instance === '' ? component : `${component}, ${instance}`;
}
