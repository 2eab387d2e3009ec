import { array, assert, constantFrom, integer, oneof, property, record, subarray, type Arbitrary } from 'fast-check';
import { expect, it } from 'vitest';
import type { RunEvent } from '../core/events.ts';
import { judgeSafely } from './judge.ts';
import { buildRun, nodes } from './testing/log-builder.ts';
import { samplePlan } from './testing/sample-plan.ts';
import { situations } from './testing/situations.ts';
import { when } from './testing/usual-world.ts';

/** Samples of one lane on one node that are taken out: some of those that ended so. */
const cutArbitrary = record({
  lane: constantFrom(...samplePlan.lanes.map((lane) => lane.name)),
  node: constantFrom(...nodes),
  fromMs: integer({ min: when.firstFault, max: when.lastSample }),
  lengthMs: oneof(integer({ min: 100, max: 1_200 }), integer({ min: 1_200, max: 30_000 })),
  which: constantFrom('all', 'failed', 'ok'),
  every: integer({ min: 1, max: 5 }),
});
type Cut = typeof cutArbitrary extends Arbitrary<infer T> ? T : never;

const faultNames = samplePlan.method.flatMap((step) => (step.kind === 'inject' ? [step.name] : []));
const bad = situations
  .filter((situation) => situation.verdict !== 'pass')
  .map((situation) => ({ name: situation.name, ...buildRun(situation) }));

it('never turns a run that was no pass into a pass by taking samples or confirmations away', () => {
  assert(
    property(
      constantFrom(...bad),
      array(cutArbitrary, { minLength: 1, maxLength: 4 }),
      subarray(faultNames, { maxLength: 1 }),
      ({ name, plan, events }, cuts, unconfirmed) => {
        const left = events
          .filter((event) => !(event.type === 'fault-confirmed' && unconfirmed.includes(event.fault)))
          .map((event) => cuts.reduce(takeOut, event));
        expect(`${name}: ${judgeSafely(plan, left).verdict}`).not.toMatch(/: pass$/);
      },
    ),
    { numRuns: 150, seed: 20241211 },
  );
});

it('never turns a miss into a pass by taking out exactly the failed samples of a lane', () => {
  for (const { name, plan, events } of bad) {
    for (const { name: lane } of plan.lanes) {
      const cuts = nodes.map((node): Cut => ({ lane, node, fromMs: 0, lengthMs: 60_000, which: 'failed', every: 1 }));
      const left = events.map((event) => cuts.reduce(takeOut, event));
      expect(`${name}, without failures on ${lane}: ${judgeSafely(plan, left).verdict}`).not.toMatch(/: pass$/);
    }
  }
});

function takeOut(event: RunEvent, cut: Cut): RunEvent {
  if (event.type !== 'samples' || event.lane !== cut.lane || event.node !== cut.node || event.rows === null)
    return event;
  const rows = event.rows.filter(([seq, dueMs, , outcome]) => {
    const atMs = dueMs + 500;
    const isHit = atMs >= cut.fromMs && atMs < cut.fromMs + cut.lengthMs && seq % cut.every === 0;
    return !(isHit && (cut.which === 'all' || (cut.which === 'ok') === (outcome === 'ok')));
  });
  return { ...event, rows };
}
