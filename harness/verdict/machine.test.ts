import { expect, it } from 'vitest';
import { judge } from './judge.ts';
import { at, buildRun } from './testing/log-builder.ts';

function reasonWith(stolen: number): string {
  const { plan, events } = buildRun({
    sample: ({ node, ms }) => (node === 'node-2' && ms % 2_000 === 0 ? { lagMs: 65 } : undefined),
    events: (usual) => [
      ...usual,
      at(20_000, { type: 'machine-load', busy: 0.9, stolen }),
      at(21_000, { type: 'machine-load', busy: 0.5, stolen: 0 }),
    ],
  });
  return judge(plan, events).reason;
}

it('blames the hypervisor for a starved prober when it took much', () => {
  expect(reasonWith(0.6)).toMatch(
    /was starved .* Other machines on the same hardware took 30 % of the CPU, up to 60 % within a second\.$/,
  );
});

it('does not blame it for a little', () => {
  expect(reasonWith(0.05)).toMatch(/its data is not to be trusted\.$/);
});

it('measures only the judged window, and nothing where nothing was told', () => {
  const early = buildRun({ events: (usual) => [...usual, at(2_000, { type: 'machine-load', busy: 1, stolen: 1 })] });
  expect(judge(early.plan, early.events).measures.machine).toBeNull();
});
