import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { EventBody, RunEvent } from '../core/events.ts';
import { remedyRace, scaleSweep } from '../experiment/study.ts';
import { nextRunOf } from './catalog.ts';
import { judgeStudy } from './judge-study.ts';
import { checkedSpec, readStudyPlan, type StudyPlan } from './study-plan.ts';
import { renderStudyJson, studyResultSchema, type StudyRun } from './study-result.ts';

const plan: StudyPlan = {
  schemaVersion: 1,
  study: 'scale-sweep',
  title: 'a title',
  question: 'a question',
  backend: 'a-backend',
  seed: 42,
  parameters: { start: '30' },
  spec: scaleSweep({
    experiment: 'api-load',
    set: [],
    podsPerNode: 20,
    intervalS: 10,
    start: 30,
    saturation: 1_500,
    most: 500,
    to: 5_000,
    tolerance: 0.25,
  }),
};

const started: EventBody = {
  type: 'run-started',
  schemaVersion: 1,
  experiment: 'scale-sweep',
  backend: 'a-backend',
  seed: 42,
  timeScale: 1,
  startedAt: '2026-01-02T03:04:05.678Z',
};
const verified: EventBody = { type: 'undo-verified', clean: true, leftovers: [] };
const ended: EventBody = { type: 'run-ended' };

function log(...bodies: readonly EventBody[]): RunEvent[] {
  return bodies.map((body, seq) => ({ ...body, seq, monotonicMs: seq * 1_000 }));
}

const run: StudyRun = {
  name: 'nodes-30',
  folder: '01-nodes-30',
  experiment: 'api-load',
  parameters: { nodes: '30' },
  verdict: 'pass',
  reasonCode: 'pass',
  reason: 'It held.',
  clean: true,
  load: null,
};

function tried(remedy: string, seed: number, wellMs: number | null): StudyRun {
  const [lastingMutationMs, removedMs, dataPlaneMs] = [wellMs, wellMs, wellMs];
  const seen = {
    firstMutationMs: wellMs,
    lastingMutationMs,
    removedMs,
    removal: '',
    dataPlaneBroken: true,
    dataPlaneMs,
  };
  const before = { outcome: 'tried', message: '', leftOut: [], lockedOut: true, control: '', lagMs: 8 } as const;
  const herd = { agentsPerS: null, inFlight: null, relocked: null };
  return {
    ...run,
    name: `${remedy}-seed-${seed}`,
    remedy: { remedy, seed, ...before, watchedMs: 60_000, ...seen, wellMs, herd },
  };
}

describe('a study', () => {
  it('is judged to a result that fits its schema, the same each time', () => {
    const result = judgeStudy(plan, log(started, verified, ended), [run]);
    expect(result).toMatchObject({ study: 'scale-sweep', verdict: 'inconclusive', exitCode: 2, durationMs: 2_000 });
    expect(renderStudyJson(result)).toBe(renderStudyJson(judgeStudy(plan, log(started, verified, ended), [run])));
  });

  it('that was interrupted is inconclusive, with the exit code of the signal', () => {
    const events = log(started, { type: 'interrupted', signal: 'SIGINT' }, verified, ended);
    expect(judgeStudy(plan, events, [run])).toMatchObject({
      verdict: 'inconclusive',
      reasonCode: 'interrupted',
      exitCode: 130,
      interrupted: true,
      reason: 'The study was interrupted by SIGINT in its run nodes-30.',
    });
  });

  it('in which the harness broke is inconclusive, whatever its runs say', () => {
    const problem: EventBody = { type: 'problem', code: 'internal', message: 'no space left' };
    const found = judgeStudy(plan, log(started, problem, verified, ended), [run]);
    expect([found.verdict, found.reasonCode, found.exitCode]).toEqual(['inconclusive', 'harness-error', 2]);
    expect(found.reason).toContain('no space left');
  });

  it('that died is inconclusive', () => {
    expect(judgeStudy(plan, log(started), [run])).toMatchObject({ reasonCode: 'torn-log', clean: null, exitCode: 2 });
  });

  it('that left something behind says so with its exit code, also when only a run did', () => {
    expect(judgeStudy(plan, log(started, verified, ended), [{ ...run, clean: false }])).toMatchObject({
      clean: false,
      exitCode: 4,
      leftovers: [{ what: 'left by run nodes-30, see its report' }],
    });
    const leftovers = [{ what: 'cluster x', command: 'delete x' }];
    const events = log(started, { type: 'undo-verified', clean: false, leftovers }, ended);
    expect(judgeStudy(plan, events, [run])).toMatchObject({ clean: false, exitCode: 4, leftovers });
  });

  it('on a cluster that stays is as clean as its runs are, and nobody knows before one is over', () => {
    const given = log(started, ended);
    expect(judgeStudy(plan, given, [run, run]).clean).toBe(true);
    expect(judgeStudy(plan, given, [run, { ...run, clean: null }]).clean).toBeNull();
    expect(
      judgeStudy(plan, given, [
        { ...run, clean: null },
        { ...run, clean: false },
      ]),
    ).toMatchObject({
      clean: false,
      exitCode: 4,
      reason: expect.stringContaining('Run nodes-30 left something behind, so the study ended with it.') as string,
    });
    expect(judgeStudy(plan, given, []).clean).toBeNull();
  });

  it('with a run of which it is not known whether it left something is not known to be clean', () => {
    const found = judgeStudy(plan, log(started, verified, ended), [{ ...run, clean: null }, run]);
    expect([found.clean, found.reason]).toEqual([
      null,
      expect.stringContaining('Whether something was left behind is not known.'),
    ]);
  });

  it('that made a cluster of its own, and never saw it gone, is not known to be clean', () => {
    const made: EventBody = { type: 'cluster-ready', name: 'c', created: true, nodes: [], versions: {} };
    expect(judgeStudy(plan, log(started, made, ended), [run]).clean).toBeNull();
    expect(judgeStudy(plan, log(started, { type: 'undo', change: 'c', outcome: 'ok' }, ended), [run]).clean).toBeNull();
  });

  it('does not pass when it is not known whether something was left behind', () => {
    const race: StudyPlan = {
      ...plan,
      spec: remedyRace({ experiment: 'remedy', set: [], remedies: ['block'], control: 'none', seeds: 3 }),
    };
    const runs = [1, 2, 3].flatMap((seed) => [tried('none', seed, null), tried('block', seed, 9_000)]);
    expect(judgeStudy(race, log(started, ended), runs)).toMatchObject({ verdict: 'pass', exitCode: 0 });
    const torn = [{ ...runs[0]!, clean: null }, ...runs.slice(1)];
    expect(judgeStudy(race, log(started, ended), torn)).toMatchObject({
      verdict: 'inconclusive',
      reasonCode: 'torn-log',
      exitCode: 2,
    });
  });

  it('ends with a run that left something behind: the next one would be measured on it', () => {
    expect(nextRunOf(plan.spec, [])?.name).toBe('nodes-30');
    const again = { ...run, verdict: 'inconclusive' } as const;
    expect(nextRunOf(plan.spec, [again])).toBeDefined();
    expect(nextRunOf(plan.spec, [{ ...again, clean: false }])).toBeUndefined();
  });
});

it('the schema that a result is validated with is published', async () => {
  const published = `${JSON.stringify(z.toJSONSchema(studyResultSchema), null, 2)}\n`;
  await expect(published).toMatchFileSnapshot('study-result.schema.json');
});

describe('a stored study', () => {
  it('is read as it was written', () => {
    expect(readStudyPlan(JSON.stringify(plan), 'study.json')).toEqual(plan);
  });

  it.each(['', '{}', JSON.stringify({ ...plan, schemaVersion: 2 }), JSON.stringify({ ...plan, spec: { kind: 'x' } })])(
    'that is none is refused: %s',
    (text) => {
      expect(() => readStudyPlan(text, 'study.json')).toThrow('study.json is no study');
    },
  );

  it("an author's mistake in it is told with its path", () => {
    expect(() => checkedSpec('mine', { ...plan.spec, start: 1.5 })).toThrow(
      /study 'mine' does not hold up:\n {2}start: /,
    );
  });
});
