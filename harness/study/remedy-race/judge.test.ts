import { describe, expect, it } from 'vitest';
import { remedyRace } from '../../experiment/study.ts';
import type { StudyRun } from '../study-result.ts';
import type { RemedyMeasures } from './findings.ts';
import { judgeRace } from './judge.ts';
import { nextTry, tries } from './tries.ts';

const spec = remedyRace({
  experiment: 'remedy',
  set: ['agents=1000'],
  remedies: ['block', 'stop-agents', 'none', 'flow-schema'],
  control: 'none',
  seeds: 1,
});

function measures(remedy: string, wellMs: number | null, changes: Partial<RemedyMeasures> = {}): RemedyMeasures {
  return {
    remedy,
    seed: 42,
    outcome: 'tried',
    message: '',
    leftOut: [],
    lockedOut: true,
    control: '10 calls failed in 10 s, none got through',
    lagMs: 8,
    watchedMs: 60_000,
    firstMutationMs: wellMs,
    lastingMutationMs: wellMs,
    removedMs: wellMs,
    removal: '',
    dataPlaneBroken: true,
    dataPlaneMs: wellMs,
    wellMs,
    herd: { agentsPerS: 0, inFlight: 3, relocked: false },
    ...changes,
  };
}

function run(remedy: RemedyMeasures, changes: Partial<StudyRun> = {}): StudyRun {
  const said = { verdict: 'pass', reasonCode: 'pass', reason: 'It held.', clean: true, load: null } as const;
  const name = remedy.remedy;
  return { name, folder: name, experiment: 'remedy', parameters: { remedy: name }, ...said, remedy, ...changes };
}

function raceOf(seed: number, first = 12_000): readonly StudyRun[] {
  const all = [
    measures('none', null, { seed }),
    measures('block', 20_000, { seed }),
    measures('stop-agents', first, { seed }),
  ];
  return all.map((one) => run(one, { name: `${one.remedy}-seed-${seed}` }));
}

const late = (lagMs: number | null): StudyRun =>
  run(measures('block', 20_000, { lagMs }), { verdict: 'inconclusive', reasonCode: 'prober-starved' });

const none = run(measures('none', null));
const block = run(measures('block', 20_000));
const stop = run(measures('stop-agents', 12_000));
const useless = run(measures('flow-schema', null));

const { remedy: _none, ...broken } = block;

describe('the runs of a race', () => {
  it('are the control first, then every remedy once', () => {
    expect(tries(spec).map(({ name, set }) => [name, ...set])).toEqual([
      ['none', 'remedy=none', 'agents=1000'],
      ['block', 'remedy=block', 'agents=1000'],
      ['stop-agents', 'remedy=stop-agents', 'agents=1000'],
      ['flow-schema', 'remedy=flow-schema', 'agents=1000'],
    ]);
    expect(tries({ ...spec, remedies: ['block'] }).map(({ name }) => name)).toEqual(['none', 'block']);
  });

  it('are all of it again for every seed, each time with another one', () => {
    const all = tries({ ...spec, remedies: ['block'], seeds: 2 });
    expect(all.map(({ name, seedOffset }) => [name, seedOffset])).toEqual([
      ['none-seed-1', 0],
      ['block-seed-1', 0],
      ['none-seed-2', 1],
      ['block-seed-2', 1],
    ]);
  });

  it('come one after the other, and once more where one could not be judged', () => {
    const lost = run(measures('block', 20_000, { lockedOut: false }));
    expect(nextTry(spec, [])?.name).toBe('none');
    expect(nextTry(spec, [none, lost])?.name).toBe('stop-agents');
    expect(nextTry(spec, [none, lost, stop, useless])).toMatchObject({ name: 'block-again', set: tries(spec)[1]?.set });
    expect(nextTry(spec, [none, lost, stop, useless, { ...lost, name: 'block-again' }])).toBeUndefined();
    expect(nextTry(spec, [none, block, stop, useless])).toBeUndefined();
  });
});

describe('the verdict of a race', () => {
  it('names the winner, the second, and what had no effect', () => {
    const found = judgeRace(spec, [none, block, stop, useless]);
    expect(found).toMatchObject({ findings: { noEffect: ['none', 'flow-schema'] } });
    expect(found.findings.order).toEqual([{ seed: 42, remedies: ['stop-agents', 'block'] }]);
    expect(found.reason).toBe(
      'The order was seen with 1 seed; 3 are needed. stop-agents wins: everything is well after 12 s, then block (20 s). ' +
        'Without a remedy (none) it is not within 60 s. No effect: flow-schema.',
    );
  });

  it('tells what the backend cannot do, which is no lost run', () => {
    const cannot = run(measures('block', null, { outcome: 'cannot', message: 'it needs a packet filter' }), {
      verdict: 'inconclusive',
    });
    const found = judgeRace(spec, [none, cannot, stop, useless]);
    expect(found.findings.cannot).toEqual([{ remedy: 'block', needs: 'it needs a packet filter' }]);
    expect([found.reasonCode, found.reason]).toEqual([
      'too-few-seeds',
      expect.stringContaining('Not possible here: block.'),
    ]);
  });

  it('tells what helped only in part', () => {
    const partly = run(measures('flow-schema', null, { lastingMutationMs: 9_000 }));
    expect(judgeRace(spec, [none, block, stop, partly]).reason).toContain('Only in part: flow-schema.');
  });

  it('is inconclusive when the cluster recovered as fast by itself', () => {
    const found = judgeRace(spec, [run(measures('none', 11_000)), block, stop]);
    expect([found.verdict, found.reasonCode]).toEqual(['inconclusive', 'control-recovered']);
    expect(judgeRace(spec, [run(measures('none', 20_000)), block]).reasonCode).toBe('control-recovered');
  });

  it('does not rank the control, nor what was no faster, and tells when it was well by itself', () => {
    const slow = run(measures('flow-schema', 50_000));
    const found = judgeRace(spec, [run(measures('none', 30_000)), block, stop, slow]);
    expect(found.findings.order).toEqual([{ seed: 42, remedies: ['stop-agents', 'block'] }]);
    expect(found.reason).toContain(
      ' Without a remedy (none) everything is well after 30 s. No faster than that: flow-schema.',
    );
    expect(found.reason).not.toContain('it is not within');
    expect(judgeRace(spec, [run(measures('none', 15_000)), block, stop]).reason).not.toContain('then');
  });

  it.each([
    ['the lock-out was not confirmed before a remedy', run(measures('block', 5_000, { lockedOut: false }))],
    [
      'DNS was not broken before a remedy',
      run(measures('block', 5_000, { dataPlaneBroken: false, dataPlaneMs: null })),
    ],
    ['a remedy was not tried', run(measures('block', null, { outcome: 'not-tried', message: 'no load' }))],
    ['a run could not be judged', run(measures('block', 5_000), { verdict: 'inconclusive', reason: 'A gap.' })],
    ['a run tried none', broken],
  ])('is inconclusive when %s, unless it was made good', (_, lost) => {
    const found = judgeRace(spec, [none, lost, stop]);
    expect([found.verdict, found.reasonCode]).toEqual(['inconclusive', 'run-inconclusive']);
    expect(found.reason).toMatch(/^Run block could not be judged: .+\.$/);
    expect(found.reason).not.toContain(block.reason);
    expect(judgeRace(spec, [none, lost, stop, { ...block, name: 'block-again' }]).reasonCode).toBe('too-few-seeds');
  });

  it('does not mind a prober that lags by less than what is told apart', () => {
    expect(judgeRace(spec, [none, late(22), stop]).reasonCode).toBe('too-few-seeds');
    for (const lagMs of [900, null])
      expect(judgeRace(spec, [none, late(lagMs), stop]).reasonCode).toBe('run-inconclusive');
  });

  it('names every run that could not be judged, each with its own reason', () => {
    const verdict = 'inconclusive';
    const lost = [
      run(measures('block', 5_000), { verdict, reason: 'A gap.' }),
      run(measures('stop-agents', 5_000), { verdict, reason: 'It starved.' }),
    ];
    expect(judgeRace(spec, [none, ...lost, useless]).reason).toBe(
      '2 of 4 runs could not be judged. block: A gap. stop-agents: It starved.',
    );
  });

  it('is inconclusive without a control, or with nothing else', () => {
    expect(judgeRace(spec, [block, stop]).reasonCode).toBe('too-few-runs');
    expect(judgeRace(spec, [none]).reasonCode).toBe('too-few-runs');
    expect(judgeRace(spec, []).reasonCode).toBe('too-few-runs');
  });

  it('is fail when no remedy had everything well in time', () => {
    const found = judgeRace(spec, [none, useless]);
    expect([found.verdict, found.reasonCode]).toEqual(['fail', 'no-remedy']);
  });

  it('needs the same first two for every seed', () => {
    const three = { ...spec, seeds: 3 };
    const same = judgeRace(three, [...raceOf(1), ...raceOf(2, 13_000), ...raceOf(3)]);
    expect([same.verdict, same.reason]).toEqual(['pass', expect.stringContaining(', in 3 of 3 seeds.')]);
    const other = judgeRace(three, [...raceOf(1), ...raceOf(2, 21_000), ...raceOf(3)]);
    expect([other.verdict, other.reasonCode]).toEqual(['inconclusive', 'order']);
    expect(judgeRace(three, [...raceOf(1), ...raceOf(2)]).reasonCode).toBe('too-few-runs');
  });

  it.each([1, 2])('is inconclusive with %i of the seeds that an order needs, and gives the order all the same', (n) => {
    const runs = [1, 2].slice(0, n).flatMap((seed) => raceOf(seed));
    const found = judgeRace({ ...spec, seeds: n }, runs);
    expect([found.verdict, found.reasonCode]).toEqual(['inconclusive', 'too-few-seeds']);
    expect(found.reason).toMatch(new RegExp(`^The order was seen with ${n} seeds?; 3 are needed. stop-agents wins`));
    expect(found.findings.order).toHaveLength(n);
  });

  it('looks at every seed: one in which nothing was well does not say that no remedy helps', () => {
    const nothing = raceOf(1).map((one) => ({
      ...one,
      remedy: measures(one.parameters['remedy'] ?? '', null, { seed: 1 }),
    }));
    const found = judgeRace({ ...spec, seeds: 2 }, [...nothing, ...raceOf(2)]);
    expect([found.verdict, found.reasonCode]).toEqual(['inconclusive', 'order']);
    expect(found.reason).toContain('none; stop-agents before block');
    const all = judgeRace(
      { ...spec, seeds: 2 },
      nothing.concat(nothing.map((one) => ({ ...one, remedy: { ...one.remedy, seed: 2 } }))),
    );
    expect([all.verdict, all.reasonCode]).toEqual(['fail', 'no-remedy']);
  });
});
