import { expect, it } from 'vitest';
import { controlPlaneLoss } from './control-plane-loss.ts';
import type { Moments } from './moments.ts';
import { seriesOf } from './testing/series-of.ts';

const moments: Moments = {
  probingStartMs: 0,
  firstFaultMs: 300,
  healStartMs: 1_500,
  recoverEndMs: 2_000,
  endMs: 2_000,
  lastEventMs: 2_000,
};

it('is the start of the streak that the heal ends, not the side outage before it', () => {
  const api = seriesOf('....CC..CCCCCCCCC...');
  expect(controlPlaneLoss([api], moments)).toMatchObject({ atMs: 800, certain: true });
});

it('is the first failure after the first fault when the API is back before the heal', () => {
  expect(controlPlaneLoss([seriesOf('.C..CC....C.........')], moments).atMs).toBe(400);
});

it('is the earliest of all nodes', () => {
  const [early, late] = [seriesOf('.......CCCCCCCCCCCC.'), seriesOf('........CCCCCCCCCCC.')];
  expect(controlPlaneLoss([late, early], moments).atMs).toBe(700);
});

it('never happened when the API never failed', () => {
  expect(controlPlaneLoss([seriesOf('....................')], moments)).toMatchObject({ atMs: null, certain: true });
});

it('is not certain when a sample is missing right before it, or all of a node', () => {
  expect(controlPlaneLoss([seriesOf('....... CCCCCCCCCC..')], moments)).toMatchObject({ atMs: 800, certain: false });
  expect(controlPlaneLoss([seriesOf('........CCCCCCCCCC..'), seriesOf('')], moments).certain).toBe(false);
  expect(controlPlaneLoss([seriesOf('.... ...............')], moments)).toMatchObject({ atMs: null, certain: false });
});

it('is certain when samples are missing where they do not matter', () => {
  expect(controlPlaneLoss([seriesOf('.. ..CCCCCCCCCCCCC .')], moments)).toMatchObject({ atMs: 500, certain: true });
});
