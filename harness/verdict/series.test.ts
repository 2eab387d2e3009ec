import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../core/events.ts';
import type { SampleRow } from '../core/sample.ts';
import { buildSeries, clockOffsets, dueBetween, lostIn } from './series.ts';
import { seriesOf } from './testing/series-of.ts';

type SamplesEvent = Extract<RunEvent, { type: 'samples' }>;

function row(seq: number): SampleRow {
  return [seq, seq * 100, 0, 'ok', 2, 1, 0, 0, -1];
}

function samples(rows: readonly SampleRow[], other: Partial<SamplesEvent> = {}): SamplesEvent {
  const common = { type: 'samples', seq: 0, monotonicMs: 0, node: 'n', lane: 'l', session: 's', dropped: 0 } as const;
  return { ...common, offsetMs: 0, errorMs: 1, rows, ...other };
}

const key = { lane: 'l', node: 'n', rateHz: 10 };

function lostDueMs(fromMs: number, toMs: number): number[] {
  return lostIn(seriesOf('  . .'), fromMs, toMs).map((one) => one.dueMs);
}

describe('series', () => {
  it('takes the clock offset with the smallest error in the whole log, wherever it stands', () => {
    const events = [
      samples([], { offsetMs: 7, errorMs: 3 }),
      samples([], { offsetMs: 5, errorMs: 0.2 }),
      samples([], { offsetMs: 9, errorMs: 1 }),
      samples([], { node: 'other', offsetMs: 1, errorMs: 0.1 }),
    ];
    expect(clockOffsets(events).get('n')).toEqual({ offsetMs: 5, errorMs: 0.2 });
  });

  it('counts a sample once that was read twice, and keeps equal numbers of two sessions apart', () => {
    const twice = [samples([row(0), row(1)]), samples([row(1), row(2)])];
    expect(buildSeries(key, twice, 0).samples.map((one) => one.seq)).toEqual([0, 1, 2]);
    const again = [samples([row(0)]), samples([[0, 900, 0, 'ok', 2, 1, 0, 0, -1]], { session: 't' })];
    expect(buildSeries(key, again, 0)).toMatchObject({ samples: { length: 2 }, sessionStarts: [1] });
  });

  it('puts reads in order of time and on the clock of the run', () => {
    const series = buildSeries(key, [samples([row(5)]), samples([row(4)])], 50);
    expect(series.samples.map((one) => one.dueMs)).toEqual([450, 550]);
  });

  it('knows when lost samples were due', () => {
    expect(seriesOf('..  .').lost).toEqual([{ dueMs: 200 }, { dueMs: 300 }]);
  });

  it('counts lost samples before, between and after those that there are', () => {
    expect(lostDueMs(0, 500)).toEqual([0, 100, 300]);
    expect(lostDueMs(250, 350)).toEqual([300]);
    expect(lostDueMs(400, 800)).toEqual([500, 600, 700]);
  });

  it('counts every sample as lost when there is none', () => {
    expect(lostIn(seriesOf(''), 100, 400)).toHaveLength(3);
  });

  it('takes the first moment of a stretch in and leaves the last out', () => {
    expect(dueBetween(seriesOf('.....').samples, 100, 300).map((one) => one.dueMs)).toEqual([100, 200]);
  });
});
