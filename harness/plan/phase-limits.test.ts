import { expect, test } from 'vitest';
import { scaled } from '../core/duration.ts';
import * as build from '../experiment/builders.ts';
import { loadExperiment } from '../experiment/load.ts';
import type { StepSpec } from '../experiment/spec.ts';
import { experimentsFolder, planInputs } from '../test/plan-inputs.ts';
import { sound } from '../test/sound-definition.ts';
import { buildPlan } from './build.ts';
import type { PhaseLimits } from './plan.ts';

function limitsOf(...method: StepSpec[]): PhaseLimits {
  const experiment = { title: 't', hypothesis: 'h', parameters: {}, define: () => ({ ...sound, method }) };
  return buildPlan(planInputs('mine', experiment)).limitsMs;
}

const failure = (duration: '30s' | '90s'): StepSpec =>
  build.inject('failure', build.podChaos({ action: 'pod-failure', select: build.pods.coreDns, duration }));

test('every phase has a limit, in whole seconds', async () => {
  const experiment = await loadExperiment(experimentsFolder, 'dns-cache-expiry');
  expect(buildPlan(planInputs('dns-cache-expiry', experiment)).limitsMs).toEqual({
    prepare: 1_800_000,
    'steady-state': 83_000,
    // Four faults, the waits for the age of an entry (20 s and 20.3 s), and slack.
    inject: 4 * 300_000 + 41_000 + 30_000,
    observe: 40_000 + 30_000,
    heal: 120_000,
    recover: 90_000 + 120_000 + 120_000 + 10_000,
    teardown: 600_000,
  });
});

test('a pod-failure may take its duration longer, also one from a file', () => {
  const document = { spec: { duration: '90s' } };
  const observe = build.observe(scaled('1m'));
  const file = build.inject('file', { kind: 'pod-chaos-file', file: { path: 'mine.yaml', document } });
  expect(limitsOf(failure('30s'), observe).inject).toBe(360_000);
  expect(limitsOf(failure('90s'), observe).inject).toBe(420_000);
  expect(limitsOf(file, observe).inject).toBe(420_000);
});

test('what is injected after the first observation counts for observe', () => {
  const observe = build.observe(scaled('1m'));
  const limits = limitsOf(observe, failure('30s'), observe);
  expect(limits).toMatchObject({ inject: 30_000, observe: 1_000 + 330_000 + 1_000 + 30_000 });
});
