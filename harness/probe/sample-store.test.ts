import { expect, it } from 'vitest';
import { refreshTimes, toSample, type SampleRow } from '../core/sample.ts';
import type { PlannedLane } from '../plan/plan.ts';
import { SampleStore } from './sample-store.ts';

const lane = (name: string, kind: 'core-dns' | 'api-server' | 'loopback'): PlannedLane => ({
  name,
  role: 'reference',
  rateHz: 50,
  deadlineMs: 2_000,
  probe: { kind },
});
const row = (seq: number, outcome = 'ok', ttlS = -1): SampleRow => [seq, seq * 20, 0.5, outcome, 3, 1, -1, -1, ttlS];
const store = (): SampleStore => new SampleStore({ lanes: [lane('direct', 'core-dns')] }, ['a', 'b']);

it('counts outcomes of samples that started since then, per lane and node', () => {
  const samples = store();
  samples.add('direct', 'a', [row(0, 'resolve:timeout'), row(1), row(2, 'resolve:SERVFAIL')], 1_000);
  samples.add('direct', 'a', [row(3, 'resolve:SERVFAIL')], 1_000);
  samples.add('direct', 'b', [row(0, 'resolve:refused')], 1_000);
  expect([...samples.outcomes('direct', 'a', 1_020)]).toEqual([
    ['resolve:SERVFAIL', 2],
    ['ok', 1],
  ]);
  expect([...samples.outcomes('direct', 'a', 1_020.6)]).toEqual([['resolve:SERVFAIL', 2]]);
  expect(samples.outcomes('other', 'a', 0).size).toBe(0);
});

it('counts successes of a lane on all nodes', () => {
  const samples = store();
  samples.add('direct', 'a', [row(0), row(1, 'connect:refused')], 0);
  samples.add('direct', 'b', [row(0), row(1)], 0);
  expect(samples.success('direct', 0)).toEqual({ samples: 4, failures: 1 });
  expect(samples.success('direct', 10)).toEqual({ samples: 2, failures: 1 });
});

it('knows the first and last sample and the last failure on the run clock', () => {
  const samples = store();
  expect(samples.firstSampleMs('direct', 'a')).toBeUndefined();
  expect(samples.lastFailureMs('direct', 'a')).toBeUndefined();
  samples.add('direct', 'a', [row(0), row(1, 'request:503'), row(2)], 100);
  expect(samples.firstSampleMs('direct', 'a')).toBe(100.5);
  expect(samples.lastFailureMs('direct', 'a')).toBe(120.5);
  expect(samples.lastSampleMs('direct', 'a')).toBe(140.5);
});

it('finds the same last refresh as the judge, also when rows come in several reads', () => {
  const rows = [20, 19, 19, -1, 1, 20, 20, 18, 19, 18, 0, 0].map((ttlS, seq) =>
    row(seq, ttlS < 0 ? 'resolve:timeout' : 'ok', ttlS),
  );
  const samples = store();
  for (const one of rows) samples.add('direct', 'a', [one], 1_000);
  const expected = refreshTimes(rows.map((one) => toSample(one, 1_000))).at(-1);
  expect(samples.lastRefreshMs('direct', 'a')).toBe(expected);
  expect(expected).toBe(1_101.5);
});

it('names the lanes of the API server and of CoreDNS', () => {
  expect(new SampleStore({ lanes: [lane('apiserver', 'api-server')] }, [])).toMatchObject({
    apiLane: 'apiserver',
    dnsLane: undefined,
  });
  expect(store()).toMatchObject({ apiLane: 'api', dnsLane: 'direct' });
});
