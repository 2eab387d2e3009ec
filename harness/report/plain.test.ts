import { expect, it } from 'vitest';
import { add } from '../verdict/testing/edits.ts';
import { buildRun, type Difference } from '../verdict/testing/log-builder.ts';
import { plainLine, type PlainOptions } from './plain.ts';

function told(difference: Difference = {}, options: PlainOptions = {}): string[] {
  const line = plainLine(options);
  return buildRun(difference).events.flatMap((event) => line(event) ?? []);
}

it('tells phases, faults with their confirmation and the end, with the time of the run', () => {
  const lines = told({}, { withSuccess: false });
  expect(lines).toContain('T+0.0s  dns-cache-expiry on a-backend, seed 42, time scale 60');
  expect(lines).toContain('T+13.0s  fault apiserver-down: injecting on control-plane/kube-apiserver');
  expect(lines).toContain('T+11.3s  fault apiserver-kill: confirmed on control-plane/kube-apiserver, 1 kill');
  expect(lines).toContain('T+39.8s  undo verified: nothing left');
  expect(lines.filter((line) => line.includes('success'))).toEqual([]);
});

it('tells the success of every lane on its worst node every five seconds', () => {
  const lines = told({
    sample: ({ lane, node }) => (lane === 'subject' && node === 'node-2' ? { outcome: 'request:503' } : undefined),
  });
  const success = lines.filter((line) => line.includes('success'));
  expect(success.length).toBeGreaterThan(4);
  expect(success.length).toBeLessThan(9);
  expect(success[0]).toMatch(
    /^T\+9\.3s {2}success over the last 5 s, worst node: direct 100 %, control 100 %, subject 0 %, api 100 %/,
  );
});

it('says why a fault is unconfirmed, and what went wrong', () => {
  const target = { name: 'node/kube-apiserver', confirmation: 'unconfirmed' as const, evidence: ['crictl: same id'] };
  const lines = told({ events: add(12_000, { type: 'fault-confirmed', fault: 'x', kills: 0, targets: [target] }) });
  expect(lines).toContain('T+12.0s  fault x: unconfirmed on node/kube-apiserver (crictl: same id)');
  expect(told({ events: add(12_000, { type: 'fault-confirmed', fault: 'x', kills: 0, targets: [] }) })).toContain(
    'T+12.0s  fault x: unconfirmed, it selected nothing',
  );
  const problem = add(12_000, { type: 'problem', code: 'cluster', message: 'gone\u001b[2J', hint: 'Look.' });
  expect(told({ events: problem })).toContain('T+12.0s  problem (cluster): gone Look.');
});
