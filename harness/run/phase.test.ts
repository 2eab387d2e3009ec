import { expect, test } from 'vitest';
import { BlackstartError } from '../core/errors.ts';
import type { EventBody } from '../core/events.ts';
import { poll } from '../core/poll.ts';
import { virtualClock } from '../fault/testing/virtual-clock.ts';
import { samplePlan } from '../verdict/testing/sample-plan.ts';
import { runPhase } from './phase.ts';
import type { Stage } from './stage.ts';

interface Told {
  readonly stage: Stage;
  readonly controller: AbortController;
  readonly events: EventBody[];
}

/** A stage whose plan gives observe 20 s and heal 5 s. */
function openStage(): Told {
  const events: EventBody[] = [];
  const controller = new AbortController();
  const emit = (event: EventBody): void => void events.push(event);
  const stage = { plan: samplePlan, clock: virtualClock(), emit, signal: controller.signal } as Partial<Stage> as Stage;
  return { stage, controller, events };
}

test('a phase that ends in time gives its answer, and its limit is over with it', async () => {
  const { stage, events } = openStage();
  const signals: AbortSignal[] = [];
  const answer = await runPhase(stage, 'observe', async ({ clock, signal }) => {
    signals.push(signal);
    await clock.sleep(19_000, signal);
    return 'all';
  });
  await stage.clock.sleep(60_000);
  expect([answer, signals.map(({ aborted }) => aborted)]).toEqual(['all', [false]]);
  expect(events.at(-1)).toEqual({ type: 'phase-ended', phase: 'observe', outcome: 'ok' });
});

test('the waits of a phase are ended by its limit, and what was waited for is told', async () => {
  const { stage, events } = openStage();
  const answer = await runPhase(stage, 'observe', async ({ clock, signal }) => {
    return await poll(() => undefined, { clock, signal, intervalMs: 300, what: 'Godot' });
  });
  expect([answer, stage.clock.monotonicMs()]).toEqual([undefined, 20_000]);
  const message = 'Phase observe did not end within its limit of 20 s: Interrupted while waiting for Godot';
  expect(events).toEqual([
    { type: 'phase-started', phase: 'observe' },
    { type: 'phase-ended', phase: 'observe', outcome: 'timeout', message },
  ]);
});

test('an undo is not cut short by the limit; that it came too late is told', async () => {
  const { stage, events } = openStage();
  let undone = false;
  await runPhase(stage, 'heal', async ({ clock }) => {
    await clock.sleep(9_000);
    undone = true;
  });
  expect(undone).toBe(true);
  const message = 'Phase heal did not end within its limit of 5 s';
  expect(events.at(-1)).toEqual({ type: 'phase-ended', phase: 'heal', outcome: 'timeout', message });
});

async function wait({ clock, signal }: Stage): Promise<void> {
  await clock.sleep(1_000, signal);
}

test('an interruption ends the waits of a phase, but not while everything is undone', async () => {
  const { stage, controller, events } = openStage();
  const observing = runPhase(stage, 'observe', wait);
  controller.abort('SIGINT');
  await observing;
  await runPhase(stage, 'heal', wait);
  const outcomes = events.flatMap((event) => (event.type === 'phase-ended' ? [[event.phase, event.outcome]] : []));
  expect(outcomes).toEqual([
    ['observe', 'interrupted'],
    ['heal', 'ok'],
  ]);
});

test('a failure is told as a problem with its hint', async () => {
  const { stage, events } = openStage();
  await runPhase(stage, 'heal', () => Promise.reject(new BlackstartError('cluster', 'no way', { hint: 'Look.' })));
  expect(events.slice(1)).toEqual([
    { type: 'problem', code: 'cluster', message: 'no way', hint: 'Look.' },
    { type: 'phase-ended', phase: 'heal', outcome: 'failed', message: 'no way' },
  ]);
});
