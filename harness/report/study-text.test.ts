import { expect, it } from 'vitest';
import { join } from 'node:path';
import { scaleSweep } from '../experiment/study.ts';
import type { Load } from '../study/load-schema.ts';
import type { StudyPlan } from '../study/study-plan.ts';
import type { StudyResult } from '../study/study-result.ts';
import { studyReportText } from './study-text.ts';

const plan: StudyPlan = {
  schemaVersion: 1,
  study: 'scale-sweep',
  title: 'Would staging have caught it?',
  question: 'At which size does it drown the API server?',
  backend: 'a-backend',
  seed: 42,
  parameters: { start: '30', to: '5000' },
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

const load: Load = {
  nodes: 30,
  objects: 600,
  agents: 30,
  askedPerS: 3,
  windowS: 26,
  sent: 78,
  answeredPerS: 3,
  refused: 0,
  unanswered: 0.01,
  listS: 0.02,
  cpuPerS: 0.09,
  idleCpuPerS: 0.05,
  cpuPerListS: 0.0143,
  getP99Ms: 8,
  getFailures: 0,
  gets: 130,
  unreachable: 0,
};

const run: StudyResult['runs'][number] = {
  name: 'nodes-30',
  folder: '01-nodes-30',
  experiment: 'api-load',
  parameters: { nodes: '30' },
  verdict: 'pass',
  reasonCode: 'pass',
  reason: 'The hypothesis held: every fault was confirmed, and every budget was kept.',
  clean: true,
  load,
};

const result: StudyResult = {
  schemaVersion: 1,
  study: 'scale-sweep',
  backend: 'a-backend',
  seed: 42,
  startedAt: '2026-01-02T03:04:05.678Z',
  durationMs: 600_000,
  parameters: plan.parameters,
  verdict: 'pass',
  reason: 'At 30 nodes this change uses 4.2 % of the API budget; at 5,000 nodes 41 times of it (38 to 45).',
  reasonCode: 'pass',
  exitCode: 0,
  interrupted: false,
  clean: true,
  leftovers: [],
  runs: [
    run,
    {
      ...run,
      name: 'nodes-180',
      folder: '02-nodes-180',
      verdict: 'fail',
      load: { ...load, nodes: 180, agents: 180, refused: 0.2 },
    },
    { ...run, name: 'nodes-60', folder: '03-nodes-60', verdict: 'inconclusive', reason: 'A gap.', load: null },
  ],
  findings: {
    kind: 'scale-sweep',
    budgetCpuPerS: 0.98,
    costPerList: { fixedS: 0.002, perObjectS: { value: 20e-6, low: 18e-6, high: 22e-6 } },
    exponent: { value: 1.93, low: 1.85, high: 2.01 },
    fittedRuns: ['nodes-30', 'nodes-47'],
    predictedTipping: { value: 155.6, low: 149.2, high: 163.1 },
    measuredTipping: { value: 165.3, kept: 158, broke: 173, brokeBy: '2.0 % of the LISTs were refused or failed' },
    error: 0.059,
    shareAtStart: 0.042,
    timesAtTarget: { value: 41, low: 38, high: 45 },
  },
};

it('the report of a study has its runs, what was fitted, and the reason as its last line', async () => {
  const text = studyReportText(result, plan);
  await expect(text).toMatchFileSnapshot(join(import.meta.dirname, 'golden/scale-sweep.txt'));
  expect(text.trimEnd().split('\n').at(-1)).toBe(result.reason);
});

it('without findings it tells the runs and why there are none', () => {
  const text = studyReportText({ ...result, findings: null, verdict: 'inconclusive', reason: 'It died.' }, plan);
  expect(text).toContain('01-nodes-30');
  expect(text).not.toContain('Measured');
  expect(text.trimEnd().endsWith('It died.')).toBe(true);
});
