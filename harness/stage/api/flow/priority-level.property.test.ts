import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { fakeClock, useFakeClock } from '../../node/testing/fake-clock.ts';
import { PriorityLevel, type LevelConfiguration } from './priority-level.ts';
import { recorder } from './testing/world.ts';

afterEach(() => vi.useRealTimers());

const flow = { flowSchema: 's', priorityLevel: 'l', headers: {} };
const widest = 3;

type Happening = { arrive: number; seats: number } | { release: number } | { abort: number } | { passMs: number };

const anyHappening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ arrive: fc.nat(9), seats: fc.integer({ min: 1, max: widest }) }) },
  { weight: 3, arbitrary: fc.record({ release: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ abort: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ passMs: fc.integer({ min: 1, max: 9_000 }) }) },
);

const anyLevel = fc.record({
  name: fc.constant('l'),
  uid: fc.constant(''),
  mostSeats: fc.constant(widest),
  limit: fc.integer({ min: widest, max: 8 }),
  queues: fc.integer({ min: 4, max: 16 }),
  handSize: fc.integer({ min: 1, max: 4 }),
  queueLengthLimit: fc.integer({ min: 0, max: 5 }),
});

function open(configuration: LevelConfiguration) {
  useFakeClock();
  const seen = recorder();
  const level = new PriorityLevel(configuration, fakeClock, seen);
  return { seen, level };
}

/** A level, its clients and what they hold. */
function openWorld(configuration: LevelConfiguration) {
  const { seen, level } = open(configuration);
  const held: (() => void)[] = [];
  const clients: AbortController[] = [];
  const counts = { arrived: 0, admitted: 0, refused: 0 };
  const arrive = (flowId: string, seats: number): void => {
    const client = new AbortController();
    clients.push(client);
    counts.arrived += 1;
    level.enter(flow, flowId, seats, client.signal).then(
      (release) => {
        counts.admitted += 1;
        held.push(release);
      },
      () => {
        counts.refused += 1;
      },
    );
  };
  const happen = async (happening: Happening): Promise<void> => {
    if ('arrive' in happening) arrive(`flow-${happening.arrive}`, happening.seats);
    else if ('release' in happening) held.splice(happening.release % (held.length || 1), 1)[0]?.();
    else if ('abort' in happening) clients[happening.abort % (clients.length || 1)]?.abort();
    else await vi.advanceTimersByTimeAsync(happening.passMs);
    await nextTurn();
  };
  return { seen, held, counts, happen };
}

test('whatever happens: never more seats than the limit, none idle that could be used, one answer to every request', async () => {
  await fc.assert(
    fc.asyncProperty(anyLevel, fc.array(anyHappening, { maxLength: 60 }), async (configuration, happenings) => {
      const { seen, held, counts, happen } = openWorld(configuration);
      for (const happening of happenings) {
        await happen(happening);
        expect(seen.seatsInUse).toBeLessThanOrEqual(configuration.limit);
        // Who waits at the head needs more seats than are free: at most `widest`.
        const mostFree = seen.waiting > 0 ? widest - 1 : Infinity;
        expect(configuration.limit - seen.seatsInUse).toBeLessThanOrEqual(mostFree);
        expect(counts.admitted + counts.refused + seen.waiting).toBe(counts.arrived);
      }
      while (held.length > 0) await happen({ release: 0 });
      expect(counts.admitted + counts.refused).toBe(counts.arrived);
      expect([seen.seatsInUse, seen.waiting]).toEqual([0, 0]);
    }),
    { numRuns: 150 },
  );
});

const anyNames = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 });
const anyLimit = fc.integer({ min: 2, max: 8 });
const anyHoldMs = fc.integer({ min: 10, max: 200 });

test('nobody starves: beside a flow that keeps its queues full, others wait for their turn, not for its end', async () => {
  await fc.assert(
    fc.asyncProperty(anyNames, anyLimit, anyHoldMs, async (polite, limit, holdMs) => {
      const queueing = { queues: 128, handSize: 6, queueLengthLimit: 50 };
      const { level } = open({ name: 'l', uid: '', limit, mostSeats: 1, ...queueing });
      const flood = new AbortController();
      const keepComing = async (): Promise<void> => {
        while (!flood.signal.aborted) {
          const release = await level.enter(flow, 'flood', 1, flood.signal);
          await fakeClock.sleep(holdMs);
          release();
        }
      };
      const flooding = Promise.allSettled(Array.from({ length: 200 }, keepComing));
      await vi.advanceTimersByTimeAsync(1_000);
      // Six queues of the flood and one's own share the seats; one service more, as one arrives in the middle of it.
      const turnMs = (Math.ceil(7 / limit) + 1) * holdMs;
      const admitted: string[] = [];
      for (const name of polite) {
        void level.enter(flow, `polite/${name}`, 1, flood.signal).then((release) => {
          admitted.push(name);
          release();
        });
        await vi.advanceTimersByTimeAsync(turnMs);
        expect(admitted).toContain(name);
      }
      flood.abort();
      await vi.advanceTimersByTimeAsync(holdMs);
      await flooding;
    }),
    { numRuns: 15 },
  );
});
