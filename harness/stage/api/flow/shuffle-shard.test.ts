import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { dealHand } from './shuffle-shard.ts';

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
