import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultPriorityLevels } from './defaults.ts';
import { dealHand, seatsOf, shareOut } from './priority-level.ts';

const level = (name: string, spec: unknown) => ({
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  kind: 'PriorityLevelConfiguration',
  metadata: { name, uid: `uid-${name}` },
  spec,
});

test('with 40 + 20 in flight, every LIST has one seat in the levels for users', () => {
  const shared = shareOut(defaultPriorityLevels, 60);
  expect(shared.find(({ name }) => name === 'global-default')).toMatchObject({ limit: 5, mostSeats: 1 });
  expect(shared.find(({ name }) => name === 'catch-all')).toMatchObject({ limit: 2, queueLengthLimit: 0 });
});

test('what is left out of a level has the defaults of the API', () => {
  const spec = { type: 'Limited', limited: { limitResponse: { type: 'Queue' } } };
  const rest = level('rest', { type: 'Limited', limited: { nominalConcurrencyShares: 10 } });
  expect(shareOut([level('mine', spec), rest], 40)).toEqual([
    { name: 'mine', uid: 'uid-mine', limit: 30, mostSeats: 3, queues: 64, handSize: 8, queueLengthLimit: 50 },
    { name: 'rest', uid: 'uid-rest', limit: 10, mostSeats: Infinity, queues: 1, handSize: 1, queueLengthLimit: 0 },
  ]);
});

test('no specification, however odd, gives a level without a seat or with a hand larger than its deck', () => {
  const field = fc.constantFrom(
    'type',
    'limited',
    'limitResponse',
    'queuing',
    'queues',
    'handSize',
    'queueLengthLimit',
  );
  const queuing = fc.dictionary(field, fc.oneof(fc.anything(), fc.double(), fc.integer()));
  const anyShares = fc.oneof(fc.anything(), fc.double(), fc.integer());
  fc.assert(
    fc.property(fc.anything(), queuing, anyShares, (spec, numbers, shares) => {
      const limited = { nominalConcurrencyShares: shares, limitResponse: { type: 'Queue', queuing: numbers } };
      for (const one of shareOut([level('odd', spec), level('queue', { type: 'Limited', limited })], 600)) {
        expect(one.limit).toBeGreaterThanOrEqual(1);
        expect(one.queues).toBeLessThan(2 ** 31);
        expect(one.mostSeats).toBeGreaterThanOrEqual(1);
        expect(one.handSize).toBeGreaterThanOrEqual(1);
        expect(one.handSize).toBeLessThanOrEqual(one.queues);
      }
    }),
  );
});

test.each([
  [0, 10, 1],
  [150_000, 10, 2],
  [5_000_000, 100, 10],
  [5_000_000, 4, 4],
])('a LIST of %i bytes takes, of %i seats at most, %i', (listBytes, mostSeats, seats) => {
  expect(seatsOf(listBytes, mostSeats)).toBe(seats);
});

const deckAndSize = fc
  .integer({ min: 1, max: 128 })
  .chain((deck) => fc.tuple(fc.constant(deck), fc.integer({ min: 1, max: Math.min(deck, 60) })));

test('a hand is of different queues of the deck, and the same each time', () => {
  fc.assert(
    fc.property(fc.string(), deckAndSize, (flow, [deck, size]) => {
      const hand = dealHand(flow, deck, size);
      expect(new Set(hand).size).toBe(size);
      expect(hand.every((queue) => Number.isInteger(queue) && queue >= 0 && queue < deck)).toBe(true);
      expect(dealHand(flow, deck, size)).toEqual(hand);
    }),
  );
});

test('hands of many flows use all queues about evenly, and hardly ever coincide', () => {
  const hands = Array.from({ length: 2_000 }, (_, flow) => dealHand(`service-accounts/user-${flow}`, 64, 6));
  const uses = Array.from({ length: 64 }, (_, queue) => hands.filter((hand) => hand.includes(queue)).length);
  expect(Math.min(...uses)).toBeGreaterThan(100);
  expect(Math.max(...uses)).toBeLessThan(300);
  const [first = []] = hands;
  expect(hands.filter((hand) => hand.every((queue) => first.includes(queue)))).toHaveLength(1);
});
