import { expect, it } from 'vitest';
import { collectEvidence } from './evidence.ts';
import { measures } from './measures.ts';
import type { Result } from './result.ts';
import { buildRun, type Difference, type SampleChange } from './testing/log-builder.ts';

function measuresOf(difference: Difference = {}): Result['measures'] {
  const { plan, events } = buildRun(difference);
  return measures(collectEvidence(plan, events));
}

it('gives the masking window in wall and incident time, to the first failure of a control lane that resolves', () => {
  expect(measuresOf()).toMatchObject({
    controlPlaneLostMs: 13_000.5,
    maskingWindowMs: 7_000,
    maskingWindowIncidentMs: 420_000,
  });
});

/** The control lane is the API itself. */
const control: Difference['plan'] = (plan) => ({
  ...plan,
  lanes: plan.lanes.flatMap((lane) => {
    if (lane.role === 'control') return [];
    return [lane.name === 'api' ? { ...lane, role: 'control' as const } : lane];
  }),
});

const fails: SampleChange = ({ lane, ms }) =>
  lane === 'subject' && ms === 15_000 ? { outcome: 'request:503' } : undefined;
const up: SampleChange = ({ lane }) => (lane === 'api' ? { outcome: 'ok' } : undefined);

it('gives the masking window to the first failure of the subject when the control lane is the API itself', () => {
  expect(measuresOf({ plan: control }).maskingWindowMs).toBeNull();
  expect(measuresOf({ plan: control, sample: fails }).maskingWindowMs).toBe(2_000);
});

it('reports the side outage of a kill apart from the loss', () => {
  expect(measuresOf().apiOutages).toEqual([
    { startMs: 11_000.5, durationMs: 500, open: false },
    { startMs: 13_000.5, durationMs: 18_000, open: false },
  ]);
});

it('states the error of its times: clock offset and sampling interval', () => {
  expect(measuresOf().timeErrorMs).toBe(100.4);
});

it('divides the wall time, and what nobody else took is its own', () => {
  const overhead = measuresOf().overheadMs;
  expect(overhead).toEqual({ cluster: 1_200, chaosMesh: 200, workloads: 150, planned: 37_000, own: 1_450 });
  expect(Object.values(overhead).reduce((sum, part) => sum + part)).toBe(40_000);
});

it('knows no masking window when the control plane was never lost', () => {
  expect(measuresOf({ sample: up })).toMatchObject({ controlPlaneLostMs: null, maskingWindowMs: null, apiOutages: [] });
});
