import { expect, test } from 'vitest';
import { loadExperiment } from '../experiment/load.ts';
import { experimentsFolder, planInputs } from '../test/plan-inputs.ts';
import { buildPlan } from './build.ts';
import { estimateDuration } from './estimate.ts';

test('at best nothing is waited for, at worst every wait takes all its time', async () => {
  const experiment = await loadExperiment(experimentsFolder, 'dns-cache-expiry');
  const plan = buildPlan(planInputs('dns-cache-expiry', experiment));
  expect(estimateDuration(plan)).toEqual({
    leastMs: 23_000 + 40_000 + 10_000,
    mostMs: 83_000 + 20_000 + 20_300 + 40_000 + 120_000 + 10_000,
  });
});
