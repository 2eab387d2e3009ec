import { expect, it } from 'vitest';
import { LagWindow } from './lag-window.ts';

it('gives the 99th percentile and the maximum of the window', () => {
  const lag = new LagWindow(1_000);
  for (let index = 1; index <= 200; index++) lag.add(index, index);
  expect(lag.quantiles(200)).toEqual({ p99: 198, max: 200 });
});

it('forgets what is older than the window, also in bulk', () => {
  const lag = new LagWindow(1_000);
  for (let index = 0; index < 10_000; index++) lag.add(index, index === 100 ? 999 : 1);
  expect(lag.quantiles(9_999)).toEqual({ p99: 1, max: 1 });
});

it('is zero when nothing was sent', () => {
  expect(new LagWindow(1_000).quantiles(5_000)).toEqual({ p99: 0, max: 0 });
});
