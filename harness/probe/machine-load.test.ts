import { expect, it } from 'vitest';
import type { EventBody } from '../core/events.ts';
import { machineLoadReader, parseCpuTimes } from './machine-load.ts';

it('reads the times of all CPUs together', () => {
  const stat = 'cpu  100 10 50 800 40 0 5 95 0 0\ncpu0 50 5 25 400 20 0 2 47 0 0\n';
  expect(parseCpuTimes(stat)).toEqual({ total: 1_100, idle: 840, stolen: 95 });
  expect(parseCpuTimes('')).toBeUndefined();
  expect(parseCpuTimes('cpu  1 2 x 4 5 6 7 8')).toBeUndefined();
});

it('tells what happened between two readings', async () => {
  const stats = ['cpu  0 0 0 0 0 0 0 0', 'cpu  30 0 10 40 0 0 0 20', 'cpu  30 0 10 140 0 0 0 20'];
  const events: EventBody[] = [];
  const reader = machineLoadReader(
    (event) => events.push(event),
    () => stats.shift() ?? '',
  );
  for (let times = 0; times < 3; times++) await reader.read();
  expect(events).toEqual([
    { type: 'machine-load', busy: 0.6, stolen: 0.2 },
    { type: 'machine-load', busy: 0, stolen: 0 },
  ]);
});
