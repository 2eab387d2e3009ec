import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { didYouMean, editDistance, nearest } from './nearest.ts';

describe('nearest', () => {
  test.each([
    ['dns-cache-expiri', 'dns-cache-expiry'],
    ['dns-cach', 'dns-cache-expiry'],
    ['apiserverkill', 'apiserver-kill'],
    ['APISERVER-KILL', 'apiserver-kill'],
  ])('finds what %s was meant to be', (text, expected) => {
    expect(nearest(text, ['apiserver-kill', 'dns-cache-expiry'])).toBe(expected);
  });

  test('takes the last part of a dotted name for the name', () => {
    expect(nearest('serveStale', ['hold', 'lanes.subject.serveStale'])).toBe('lanes.subject.serveStale');
  });

  test('finds nothing when nothing is close', () => {
    expect(nearest('overload', ['hold', 'outage'])).toBeUndefined();
    expect(didYouMean('overload', ['hold', 'outage'])).toBe('');
  });
});

describe('editDistance', () => {
  test.each([
    ['', 'abc', 3],
    ['hold', 'hodl', 1],
    ['kitten', 'sitting', 3],
    ['Hold', 'hold', 0],
  ])('of %j and %j is %i', (left, right, expected) => {
    expect(editDistance(left, right)).toBe(expected);
  });

  test('is the same both ways, zero for the same text, and never more than the longer text', () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, (left, right) => {
        const distance = editDistance(left, right);
        expect(distance).toBe(editDistance(right, left));
        expect(editDistance(left, left)).toBe(0);
        expect(distance).toBeLessThanOrEqual(Math.max(left.toLowerCase().length, right.toLowerCase().length));
      }),
    );
  });
});
