import { expect, it } from 'vitest';
import { collectEvidence } from './evidence.ts';
import { recovery, type Recovery } from './recovery.ts';
import { phaseEnds } from './testing/edits.ts';
import { buildRun, type Difference, type SampleChange } from './testing/log-builder.ts';
import { when } from './testing/usual-world.ts';

function recoveryOf(difference: Difference): Recovery {
  const { plan, events } = buildRun(difference);
  return recovery(collectEvidence(plan, events));
}

it('counts from the first success of the API after the heal to the start of the healthy window', () => {
  expect(recoveryOf({})).toEqual({ apiBackMs: 31_000.5, timeToRecoverMs: 3_000, verdict: 'pass' });
});

it('starts the window anew with every failure on any lane and node', () => {
  const { timeToRecoverMs } = recoveryOf({
    sample: ({ lane, node, ms }) =>
      lane === 'control' && node === 'node-2' && ms === 35_000 ? { outcome: 'resolve:timeout' } : undefined,
  });
  expect(timeToRecoverMs).toBe(4_100);
});

it('counts from the heal when the API never failed', () => {
  const { apiBackMs, timeToRecoverMs } = recoveryOf({
    sample: ({ lane }) => (lane === 'api' ? { outcome: 'ok' } : undefined),
  });
  expect(apiBackMs).toBe(when.heal);
  expect(timeToRecoverMs).toBe(4_000.5);
});

it('takes no time when the lanes were well before the API was', () => {
  expect(recoveryOf({ sample: ({ lane }) => (lane === 'api' ? undefined : { outcome: 'ok' }) })).toMatchObject({
    timeToRecoverMs: 0,
    verdict: 'pass',
  });
});

it('never happens when the API does not come back', () => {
  expect(
    recoveryOf({
      sample: ({ lane, ms }) => (lane === 'api' && ms >= when.apiDown ? { outcome: 'connect:refused' } : undefined),
    }),
  ).toEqual({ apiBackMs: null, timeToRecoverMs: null, verdict: 'fail' });
});

it('is not known when samples in the healthy window are missing', () => {
  expect(
    recoveryOf({ sample: ({ lane, ms }) => (lane === 'direct' && ms === 36_000 ? 'lost' : undefined) }),
  ).toMatchObject({
    timeToRecoverMs: expect.closeTo(3_000) as number,
    verdict: 'inconclusive',
  });
});

it('is not known when the data ends before the healthy window does', () => {
  expect(recoveryOf({ sample: ({ ms }) => (ms >= 36_000 ? 'lost' : undefined) })).toMatchObject({
    timeToRecoverMs: null,
    verdict: 'inconclusive',
  });
});

const late: SampleChange = ({ lane }) => (lane === 'direct' ? { outcome: 'resolve:SERVFAIL' } : undefined);

it('says nothing about the cluster when our own undo failed', () => {
  expect(recoveryOf({ sample: late }).verdict).toBe('fail');
  expect(recoveryOf({ sample: late, events: phaseEnds('heal', 'failed', 'no') }).verdict).toBe('inconclusive');
});
