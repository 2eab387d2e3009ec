import { expect, it } from 'vitest';
import { load } from '../experiment/load.ts';
import { experimentsFolder, type PlanOptions } from './options.ts';
import { describeStudy, planStudy, type PlannedStudy } from './study-plan.ts';

const usual: PlanOptions = {
  backend: 'a-backend',
  set: [],
  seed: 42,
  timeScale: undefined,
  sabotage: undefined,
  manifests: undefined,
  service: undefined,
};

async function planned(...set: string[]): Promise<PlannedStudy> {
  const loaded = await load(experimentsFolder, 'scale-sweep');
  if (loaded.kind !== 'study') throw new Error('it is no study');
  return await planStudy('scale-sweep', loaded.study, { ...usual, set });
}

it('every run of a study is planned with its seed and backend before anything is made', async () => {
  const { plan, largest, planRun } = await planned('start=40', 'most=300');
  expect(plan).toMatchObject({ study: 'scale-sweep', seed: 42, parameters: { start: '40', most: '300', to: '5000' } });
  expect(largest.cluster.telemetry?.fakeNodes).toBe(300);
  expect(largest).toMatchObject({ experiment: 'api-load', seed: 42, backend: 'a-backend' });
  const run = await planRun({ name: 'x', experiment: 'api-load', set: ['nodes=7'] });
  expect(run.cluster.telemetry?.fakeNodes).toBe(7);
});

it('a size that may come and is too large is refused with the estimate', async () => {
  await expect(planned('most=3000')).rejects.toMatchObject({
    code: 'invalid-experiment',
    message: expect.stringMatching(/60000 fake pods need about 35 GB .* at most 30000/) as string,
  });
  await expect(planned('start=many')).rejects.toMatchObject({ code: 'usage' });
});

it('the plan tells the runs that are certain, those that may come, and on what they depend', async () => {
  const text = describeStudy((await planned()).plan);
  expect(text).toContain('first     nodes-30: api-load --set nodes=30 agents=30 podsPerNode=20 interval=10s\n');
  expect(text).toContain('possible  nodes-500: ');
  expect(text).toContain('one after the other on one cluster');
});
