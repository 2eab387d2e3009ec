import { describe, expect, it } from 'vitest';
import type { EventBody } from '../core/events.ts';
import { judged, quiet, refused, report, rungS, samples, type Ending } from './testing/judged-rung.ts';

const relieved = { promises: ['relieve'], admin: (s: number): Ending => (s >= 36 && s < 80 ? {} : refused) } as const;
const promise = ({ promises: [first] }: ReturnType<typeof judged>) => [first?.outcome, first?.measuredMs];

describe('relief', () => {
  it("is the end of the first of five of the normal admin's calls in a row that got through", () => {
    expect(promise(judged(relieved))).toEqual(['kept', 6_005]);
  });

  it('is not a few lucky calls', () => {
    const lucky = judged({ promises: ['relieve'], admin: (s) => (s % 4 === 0 && s > rungS ? {} : refused) });
    expect(promise(lucky)).toEqual(['broken', null]);
  });

  it('may come too late', () => {
    const late = judged({ promises: ['relieve'], admin: (s) => (s >= 55 && s < 80 ? {} : refused) });
    expect(promise(late)).toEqual(['broken', 25_005]);
  });

  it('of the next attempt, or of the heal, does not count', () => {
    expect(promise(judged({ promises: ['relieve'], admin: (s) => (s >= 77 ? {} : refused) }))).toEqual([
      'broken',
      null,
    ]);
  });

  it('is not known where missing samples may have been it', () => {
    const gap = judged({ promises: ['relieve'], admin: (s) => (s > 32 && s < 40 ? 'lost' : refused) });
    expect(promise(gap)).toEqual(['unknown', null]);
  });
});

describe('removal', () => {
  const removes = { promises: ['remove'] } as const;
  const before: [number, EventBody] = report(29, 700);

  it('is no request and no container for the whole quiet time', () => {
    expect(promise(judged({ ...removes, events: [before, [61, quiet]] }))).toEqual(['kept', 10_000]);
  });

  it('may be told late, with what was counted before', () => {
    expect(promise(judged({ ...removes, events: [before, report(41, 720), [61, quiet]] }))).toEqual(['kept', 10_000]);
  });

  it('is refuted by one request that an agent counted, a new one too', () => {
    for (const more of [report(50, 701), report(50, 1, 'agent-2')]) {
      expect(promise(judged({ ...removes, events: [before, more, [61, quiet]] }))[0]).toBe('broken');
    }
  });

  it('is refuted by a container that ran', () => {
    const ran: EventBody = { ...quiet, running: ['agent on worker'] };
    expect(promise(judged({ ...removes, events: [before, [61, ran]] }))[0]).toBe('broken');
  });

  it('is refuted by a DaemonSet that is still there: its kubelets may only be waiting', () => {
    const left: EventBody = { ...quiet, objects: ['DaemonSet telemetry-agent', '2 of its pods'] };
    expect(promise(judged({ ...removes, events: [before, [61, left]] }))[0]).toBe('broken');
  });

  const { objects: __, ...older } = quiet;
  it.each([
    ['the API cannot be asked', { ...quiet, objects: null }],
    ['nobody asked the API, as in older logs', older],
    ['a look at a node failed', { ...quiet, failedLooks: 1 }],
    ['it was looked for too short a time', { ...quiet, toMs: 55_000 }],
    ['nobody read the prober', { ...quiet, fromMs: 61_000, toMs: 85_000 }],
  ])('is not known when %s', (_, event) => {
    expect(promise(judged({ ...removes, events: [before, [61, event]] }))[0]).toBe('unknown');
  });

  it('comes too late when the agents were gone only after the time', () => {
    const late: EventBody = { ...quiet, fromMs: 51_000, toMs: 71_500 };
    const alive: [number, EventBody] = [71, samples('worker', 'other', () => ({}))];
    expect(promise(judged({ ...removes, events: [before, alive, [72, late]] }))).toEqual(['broken', 21_000]);
  });
});
