import { expect, it } from 'vitest';
import { buildRun, type Difference } from '../verdict/testing/log-builder.ts';
import { createLiveState, reduce, view } from './live.ts';

function viewAt(nowMs: number, width = 100, difference: Difference = {}): string[] {
  const seen = buildRun(difference).events.filter((event) => event.monotonicMs <= nowMs);
  return view(seen.reduce(reduce, createLiveState()), nowMs, width);
}

it('shows phases with their clock, success per lane and node, and faults with their confirmation', () => {
  expect(viewAt(25_400)).toEqual([
    'dns-cache-expiry on a-backend  T+25.4s',
    '  ✓ prepare 1 s  ✓ steady-state 8.5 s  ✓ inject 6.5 s  › observe 9.4 s',
    '  last 5 s   node-1   node-2',
    '  direct        0 %      0 %',
    '  control       0 %      0 %',
    '  subject     100 %    100 %',
    '  api           0 %      0 %',
    '  loopback    100 %    100 %',
    '  fault coredns-pod-kill: confirmed',
    '  fault apiserver-kill: confirmed',
    '  fault apiserver-down: confirmed',
    '  fault coredns-restart: confirmed',
  ]);
});

it('says so when a node has not been heard of for a while', () => {
  const silent = viewAt(25_400, 100, {
    sample: ({ node, ms }) => (node === 'node-2' && ms >= 14_000 ? 'lost' : undefined),
  });
  expect(silent[5]).toBe('  subject     100 %  no data');
});

it('waits for confirmation in sight', () => {
  expect(viewAt(13_020).at(-1)).toBe('  fault apiserver-down: injecting');
  expect(viewAt(13_100).at(-1)).toBe('  fault apiserver-down: injected, waiting for confirmation');
});

it('is never wider than the terminal', () => {
  expect(viewAt(25_400, 20).every((line) => line.length <= 20)).toBe(true);
  expect(viewAt(25_400, 0)).toHaveLength(12);
});

it('shows something before the first event', () => {
  expect(view(createLiveState(), 0, 80)).toEqual(['  T+0.0s']);
});

it('leaves the state before as it was', () => {
  const before = createLiveState();
  const [first] = buildRun().events;
  reduce(before, first!);
  expect(before).toEqual(createLiveState());
});
