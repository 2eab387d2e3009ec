import { expect, it } from 'vitest';
import type { EventBody } from '../core/events.ts';
import type { SampleRow } from '../core/sample.ts';
import { judge } from './judge.ts';
import { add, inTurn } from './testing/edits.ts';
import { attempt, lane, read, stepOf, write, type World } from './testing/judged-rung.ts';
import { buildRun } from './testing/log-builder.ts';

type Ended = Extract<EventBody, { readonly type: 'rung-ended' }>;

/** Samples of the operator's prober over the whole run: the normal admin is locked out, the prober itself is well. */
function operatorSamples(name: string, everyMs: number, outcome: string): EventBody {
  const rows = Array.from({ length: 45_000 / everyMs }, (_, seq): SampleRow => {
    return [seq, seq * everyMs, 0, outcome, outcome === 'ok' ? 1 : 10_000, -1, 1, 1, -1];
  });
  return { type: 'samples', node: 'operator', lane: name, session: 'o', offsetMs: 0, errorMs: 0, dropped: 0, rows };
}

/** A run that passes but for the rung that it tries as well. */
function verdictOf(world: World, ended: Partial<Ended>, calls: readonly EventBody[] = [], loopback = 'ok') {
  const end: Ended = { type: 'rung-ended', attempt, outcome: 'tried', fromMs: 22_000, message: '', ...ended };
  const events: readonly (readonly [number, EventBody])[] = [
    [14_000, { type: 'rung-started', attempt, credential: null }],
    [21_500, { type: 'rung-control', attempt, lane: lane.name, fromMs: 15_000, toMs: 21_500 }],
    ...calls.map((call) => [22_100, { ...call, startMs: 22_000 } as EventBody] as const),
    [23_000, end],
    [44_000, operatorSamples(lane.name, 1_000, 'request:timeout')],
    [44_000, operatorSamples('loopback', 100, loopback)],
  ];
  const { plan, events: log } = buildRun({
    plan: (usual) => ({ ...usual, lanes: [...usual.lanes, lane], method: [...usual.method, stepOf(world)] }),
    events: inTurn(...events.map(([ms, body]) => add(ms, body))),
  });
  return judge(plan, log);
}

it('passes with every rung that keeps its promises', () => {
  const { verdict, exitCode, reason, rungs } = verdictOf({}, {}, [read, write]);
  expect([verdict, exitCode, rungs[0]?.verdict]).toEqual(['pass', 0, 'pass']);
  expect(reason).toContain('every rung kept what the procedure promises while the normal path was down');
});

it('fails with exit 1 and names the rung that does not', () => {
  const { verdict, exitCode, reasonCode, reason } = verdictOf({}, {}, [
    read,
    { ...write, status: 403, readBack: null },
  ]);
  expect([verdict, exitCode, reasonCode]).toEqual(['fail', 1, 'rung']);
  expect(reason).toMatch(/^Rung super-admin \(1000 agents\) does not keep what the procedure promises: write never/);
});

it('does not fail on what a starved prober did not see', () => {
  const broken = verdictOf({ promises: ['relieve'] }, { message: 'it broke' }, [], 'request:timeout');
  expect([broken.verdict, broken.reasonCode]).toEqual(['inconclusive', 'prober-starved']);
});

it('is inconclusive with a rung that cannot be done here, unless the procedure leaves that open', () => {
  const cannot = { outcome: 'cannot', fromMs: null, message: 'no packet filter' } as const;
  const needed = verdictOf({}, cannot);
  expect([needed.exitCode, needed.reasonCode]).toEqual([2, 'rung-not-tried']);
  expect(needed.reason).toBe('Rung super-admin (1000 agents) cannot be done here: no packet filter.');
  const optional = verdictOf({ optional: true }, cannot);
  expect(optional.exitCode).toBe(0);
  expect(optional.reason).toContain('but super-admin, which cannot be done here, kept what');
});

it('is inconclusive when the normal path was not down', () => {
  const open = verdictOf({}, { outcome: 'not-locked-out', fromMs: null, message: 'admin-patch had successes' });
  expect([open.exitCode, open.reasonCode]).toEqual([2, 'normal-path-open']);
});
