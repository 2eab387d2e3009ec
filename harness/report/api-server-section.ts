import { formatCount, formatTime } from '../verdict/format.ts';
import type { Result } from '../verdict/result.ts';
import { table, wrap } from './table.ts';

type Side = NonNullable<Result['apiServer']>['before'];

/** What it used and how long LISTs took, before the first fault and under it; nothing where nobody asked. */
export function apiServerLines({ apiServer }: Result): string[] {
  if (apiServer === null) return [];
  const { before, during, resource, reads, unreachable, inFlightMax, rejected } = apiServer;
  const levels = Object.entries(rejected).map(([level, count]) => `${formatCount(count, 'request')} of ${level}`);
  const head = ['', 'CPU s per s', `LISTs of ${resource} per s`, 'mean LIST'];
  return [
    ...table('lrrr', head, [row('before the first fault', before), row('to the heal', during)]),
    ...wrap(`Most requests in flight: ${inFlightMax}. Turned away by flow control: ${levels.join(', ') || 'none'}.`),
    ...(unreachable > 0 ? wrap(`Not reachable at ${unreachable} of ${formatCount(reads, 'read')}.`) : []),
  ];
}

function row(what: string, { cpuPerS, listsPerS, listS }: Side): string[] {
  return [
    what,
    cpuPerS === null ? '–' : cpuPerS.toFixed(2),
    listsPerS === null ? '–' : listsPerS.toFixed(1),
    listS === null ? '–' : formatTime(listS * 1_000),
  ];
}
