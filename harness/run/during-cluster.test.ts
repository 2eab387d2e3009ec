import { expect, it } from 'vitest';
import type { EventBody } from '../core/events.ts';
import { duringCluster } from './during-cluster.ts';
import type { StudyCluster } from './study-cluster.ts';

async function course(own: boolean, body: () => Promise<void>): Promise<readonly string[]> {
  const told: string[] = [];
  const step = (name: string) => async (): Promise<void> => void told.push(name);
  const cluster: StudyCluster = { create: step('create'), remove: step('remove') };
  const emit = (event: EventBody): void => void told.push(event.type);
  await duringCluster(own ? cluster : undefined, { emit, signal: new AbortController().signal }, async () => {
    told.push('runs');
    await body();
  });
  return told;
}

const fails = async (): Promise<void> => await Promise.reject(new Error('no space left'));

it("a study's own cluster is made before its runs and taken away after them, also when one of them threw", async () => {
  expect(await course(true, async () => {})).toEqual(['create', 'runs', 'remove']);
  expect(await course(true, fails)).toEqual(['create', 'runs', 'problem', 'remove']);
});

it('of a cluster that was given nobody says that it is clean, least of all after a run that threw', async () => {
  expect(await course(false, async () => {})).toEqual(['runs']);
  expect(await course(false, fails)).toEqual(['runs', 'problem']);
});
