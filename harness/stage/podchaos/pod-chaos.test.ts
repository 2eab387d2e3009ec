import { expect, it } from 'vitest';
import { msLeft, newRecord, recordAfter, statusOf, type PodChaos } from './pod-chaos.ts';
import { countOf } from './selection.ts';

const now = new Date('2026-11-22T12:00:10.250Z');

function conditions(records: Parameters<typeof statusOf>[1]): Record<string, string> {
  return Object.fromEntries(statusOf('Run', records).conditions.map(({ type, status }) => [type, status]));
}

it('says Selected and AllInjected when every record is injected', () => {
  const injected = recordAfter(newRecord('x/a'), 'Run', now);
  expect(injected).toEqual({
    id: 'x/a',
    selectorKey: '.',
    phase: 'Injected',
    injectedCount: 1,
    recoveredCount: 0,
    events: [{ operation: 'Apply', type: 'Succeeded', timestamp: '2026-11-22T12:00:10Z' }],
  });
  expect(conditions([injected])).toEqual({
    Selected: 'True',
    AllInjected: 'True',
    AllRecovered: 'False',
    Paused: 'False',
  });
  expect(conditions([injected, newRecord('x/b')])).toMatchObject({ AllInjected: 'False', AllRecovered: 'False' });
});

it('says AllRecovered also when nothing was ever injected, and counts nothing', () => {
  const failed = recordAfter(newRecord('x/a'), 'Run', now, 'no running task found');
  expect(conditions([failed])).toMatchObject({ Selected: 'True', AllInjected: 'False', AllRecovered: 'True' });
  expect(failed).toMatchObject({ phase: 'Not Injected', injectedCount: 0, events: [{ type: 'Failed' }] });
});

it('says nothing at all, and has no records, when nothing was selected', () => {
  expect(new Set(Object.values(conditions(undefined)))).toEqual(new Set(['False']));
  expect(statusOf('Run', undefined).experiment).toEqual({ desiredPhase: 'Run' });
});

it('keeps the last 100 events of a record', () => {
  let record = newRecord('x/a');
  for (let count = 0; count < 150; count++) record = recordAfter(record, 'Run', now, String(count));
  expect(record.events).toHaveLength(100);
  expect(record.events.at(-1)?.message).toBe('149');
});

it.each([
  ['pod-failure', '20s', 10_000],
  ['pod-failure', '1m0.5s', 50_750 - 250],
  ['pod-failure', '5s', -5_000],
  ['pod-failure', 'soon', undefined],
  ['container-kill', '20s', undefined],
] as const)('leaves a %s of %s %s ms', (action, duration, leftMs) => {
  const chaos = { metadata: { creationTimestamp: '2026-11-22T12:00:00.250Z' }, spec: { action, duration } };
  expect(msLeft(chaos as unknown as PodChaos, now)).toBe(leftMs);
});

it.each([
  ['one', 0, 5, 1],
  ['one', 0, 0, 0],
  ['all', 0, 5, 5],
  ['fixed', 3, 5, 3],
  ['fixed', 9, 5, 5],
  ['fixed-percent', 50, 5, 2],
] as const)('takes by mode %s %s of %s pods: %s', (mode, value, available, count) => {
  expect(countOf({ mode, value: String(value) }, available)).toBe(count);
});
