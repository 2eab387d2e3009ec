import { expect, it } from 'vitest';
import { telemetryAgent } from '../experiment/builders.ts';
import type { Plan } from '../plan/plan.ts';
import { samplePlan } from '../verdict/testing/sample-plan.ts';
import { assertFits } from './memory.ts';

function planOf(backend: string, fakeNodes: number): Plan {
  const telemetry = { fakeNodes, podsPerNode: 20, agent: telemetryAgent('watch'), fairness: 'default' } as const;
  return { ...samplePlan, backend, cluster: { ...samplePlan.cluster, telemetry } };
}

it('a crowd that fits into the free memory is taken', () => {
  expect(() => assertFits(planOf('kind', 300), 3.5e9)).not.toThrow();
  expect(() => assertFits(planOf('embedded', 1_000), 1.2e9)).not.toThrow();
  expect(() => assertFits(samplePlan, 0)).not.toThrow();
});

it('one that does not is refused with the estimate and the most that would fit', () => {
  expect(() => assertFits(planOf('kind', 310), 3.5e9)).toThrow(
    '310 nodes with 20 fake pods each need about 3.6 GB of memory; 3.5 GB are free',
  );
  expect(() => assertFits(planOf('kind', 310), 3.5e9)).toThrow(
    expect.objectContaining({ code: 'usage', hint: 'Take at most 301 nodes, or fewer pods on each.' }),
  );
});
