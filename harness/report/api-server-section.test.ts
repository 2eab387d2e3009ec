import { expect, it } from 'vitest';
import type { Result } from '../verdict/result.ts';
import { apiServerLines } from './api-server-section.ts';

const apiServer: NonNullable<Result['apiServer']> = {
  reads: 40,
  unreachable: 3,
  resource: 'pods',
  before: { cpuPerS: 0.05, listsPerS: 0, listS: null },
  during: { cpuPerS: 0.93, listsPerS: 14.2, listS: 1.234 },
  inFlightMax: 31,
  rejected: { 'workload-low': 1_200 },
};
const lines = (changes: Partial<typeof apiServer>): string =>
  apiServerLines({ apiServer: { ...apiServer, ...changes } } as Result).join('\n');

it('says what moved under the fault, and what was turned away', () => {
  expect(lines({})).toBe(`                          CPU s per s  LISTs of pods per s  mean LIST
  before the first fault         0.05                  0.0          –
  to the heal                    0.93                 14.2     1.23 s
  Most requests in flight: 31. Turned away by flow control: 1,200 requests of workload-low.
  Not reachable at 3 of 40 reads.`);
});

it('says nothing where nothing was turned away, and nothing at all where nobody asked', () => {
  expect(lines({ rejected: {}, unreachable: 0 })).toContain('Turned away by flow control: none.');
  expect(lines({ unreachable: 0 })).not.toContain('Not reachable');
  expect(apiServerLines({ apiServer: null } as Result)).toEqual([]);
});
