import { expect, test } from 'vitest';
import { BlackstartError } from '../core/errors.ts';
import { listExperiments, load, loadExperiment } from '../experiment/load.ts';
import { experimentsFolder, planInputs } from '../test/plan-inputs.ts';
import { buildPlan } from './build.ts';
import type { Plan } from './plan.ts';
import { readPlan } from './read.ts';

async function somePlan(): Promise<Plan> {
  return buildPlan(planInputs('dns-cache-expiry', await loadExperiment(experimentsFolder, 'dns-cache-expiry')));
}

function errorOf(text: string): BlackstartError {
  try {
    readPlan(text, 'plan.json');
  } catch (error) {
    if (error instanceof BlackstartError) return error;
  }
  throw new Error('it was read');
}

test('what was written is read again, frozen', async () => {
  for (const name of await listExperiments(experimentsFolder)) {
    const loaded = await load(experimentsFolder, name);
    if (loaded.kind === 'study') continue;
    const plan = buildPlan(planInputs(name, loaded.experiment));
    const read = readPlan(JSON.stringify(plan), 'plan.json');
    expect(read).toEqual(plan);
    expect(Object.isFrozen(read.lanes)).toBe(true);
  }
});

test('a plan of before every phase had a limit gets those of today', async () => {
  const plan = await somePlan();
  const { limitsMs: _, ...old } = { ...plan, steadyState: { healthyForMs: 23_000, timeoutMs: 83_000 } };
  expect(readPlan(JSON.stringify(old), 'plan.json')).toEqual(plan);
});

test('a document of the user survives as it was', async () => {
  const plan = await somePlan();
  const file = { path: 'x.yaml', document: { spec: { selector: { namespaces: ['a'] }, n: [1, null] } } };
  const [first] = plan.method;
  const changed = { ...plan, method: [{ ...first, fault: { kind: 'pod-chaos-file', file } }] };
  expect(readPlan(JSON.stringify(changed), 'plan.json').method[0]).toMatchObject({ fault: { file } });
});

test('every field that is missing or wrong is named', async () => {
  const { seed: _, ...rest } = await somePlan();
  const error = errorOf(JSON.stringify({ ...rest, budgets: [{ kind: 'latency', lane: 'subject', quantile: 0.99 }] }));
  expect(error.code).toBe('invalid-experiment');
  expect(error.message).toContain('plan.json is no whole plan:\n  seed: ');
  expect(error.message).toContain('\n  budgets[0].atMostMs: ');
});

test.each([
  ['{ "schemaVersion": 1,', 'plan.json is no JSON'],
  ['null', 'plan.json is no plan: it has no schemaVersion'],
  ['{}', 'plan.json is no plan: it has no schemaVersion'],
  ['{ "schemaVersion": 2 }', 'plan.json has schema version 2; this Blackstart reads 1'],
])('%s is refused', (text, message) => {
  expect(errorOf(text).message).toContain(message);
});
