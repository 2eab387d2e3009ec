import * as fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { scaled, toMs, type Duration, type ScaledDuration } from '../core/duration.ts';
import { flag, oneOf, someOf } from './choice-parameter.ts';
import { duration } from './duration-parameter.ts';
import { integer, number } from './number-parameter.ts';
import type { Parameter } from './parameter.ts';

const durationText = fc
  .tuple(fc.nat(100_000), fc.constantFrom('', '.5', '.25'), fc.constantFrom('ms', 's', 'm', 'h'))
  .map((parts) => parts.join('') as Duration);

describe('a duration parameter', () => {
  test('keeps the clock of its default', () => {
    expectTypeOf(duration('90s', 'wait')).toEqualTypeOf<Parameter<Duration>>();
    expectTypeOf(duration(scaled('20m'), 'hold')).toEqualTypeOf<Parameter<ScaledDuration>>();
    expect(duration('90s', 'wait').parse('20m')).toBe('20m');
    expect(duration(scaled('20m'), 'hold').parse('10m')).toEqual({ scaled: '10m' });
    expect(duration(scaled('20m'), 'hold')).toMatchObject({ defaultText: '20m', type: 'duration (incident time)' });
  });

  test('reads what it writes', () => {
    const wall = duration('1s', 'm');
    const incident = duration(scaled('1s'), 'm');
    fc.assert(
      fc.property(durationText, (text) => {
        expect(wall.format(wall.parse(text))).toBe(text);
        expect(incident.parse(incident.format(scaled(text)))).toEqual(scaled(text));
        expect(toMs(wall.parse(text))).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test.each([
    ['20', 'expected a duration such as 250ms, 90s, 20m or 1h'],
    ['', 'expected a duration'],
    ['20 m', 'expected a duration'],
    ['-5s', 'of zero or more'],
    [`${'9'.repeat(400)}h`, 'of zero or more'],
  ])('refuses %j', (text, message) => {
    expect(() => duration('1s', 'm').parse(text)).toThrow(message);
    expect(() => duration(scaled('1s'), 'm').parse(text)).toThrow(message);
  });
});

describe('a choice', () => {
  const cause = oneOf(['restart', 'down'], 'restart', 'cause');

  test('gives each of its words back, with its type', () => {
    expectTypeOf(cause).toEqualTypeOf<Parameter<'restart' | 'down'>>();
    for (const word of ['restart', 'down']) expect(cause.parse(word)).toBe(word);
    expect(cause.type).toBe('restart | down');
  });

  test('refuses any other word and suggests the nearest', () => {
    expect(() => cause.parse('retsart')).toThrow("one of restart, down, got 'retsart'; did you mean 'restart'?");
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(text !== 'restart' && text !== 'down');
        expect(() => cause.parse(text)).toThrow('expected one of');
      }),
    );
  });

  test('a flag is true or false and nothing else', () => {
    expect(flag(false, 'm').parse('true')).toBe(true);
    expect(flag(true, 'm').parse('false')).toBe(false);
    expect(() => flag(true, 'm').parse('yes')).toThrow("expected true or false, got 'yes'");
  });
});

describe('a number parameter', () => {
  test('reads what it writes', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const parameter = integer(0, 'm');
        expect(parameter.parse(parameter.format(value))).toBe(value);
      }),
    );
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const parameter = number(0, 'm');
        // `String(-0)` is `0`.
        expect(parameter.parse(parameter.format(value)) + 0).toBe(value + 0);
      }),
    );
  });

  test('accepts exactly its range', () => {
    const parameter = integer(5, 'm', { min: 1, max: 9 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), (value) => {
        expect(parameter.parse(String(value))).toBe(value);
      }),
    );
    const outside = fc.oneof(fc.integer({ max: 0 }), fc.integer({ min: 10 }));
    fc.assert(
      fc.property(outside, (value) => {
        expect(() => parameter.parse(String(value))).toThrow(`expected a number, 1 to 9, got '${value}'`);
      }),
    );
  });

  test.each(['', ' ', '1.5', '0x10', '1e3', '99999999999999999999'])('%j is no integer', (text) => {
    expect(() => integer(0, 'm').parse(text)).toThrow('expected a whole number');
  });

  test.each(['', ' ', 'NaN', 'Infinity', '0x10', '1e999'])('%j is no number', (text) => {
    expect(() => number(0, 'm').parse(text)).toThrow('expected a number');
  });

  test('tells its range as part of its type', () => {
    expect(integer(5, 'm', { min: 1, max: 9 }).type).toBe('integer, 1 to 9');
    expect(number(5, 'm', { min: 1 }).type).toBe('number, at least 1');
    expect(number(5, 'm', { max: 9 }).type).toBe('number, at most 9');
    expect(number(5, 'm').type).toBe('number');
  });
});

describe('a list of choices', () => {
  const colors = someOf(['red', 'green', 'dark-blue'], 'colors');

  test('is all of them unless told otherwise, each once, in the order in which they are written', () => {
    expect([colors.default, colors.defaultText]).toEqual([['red', 'green', 'dark-blue'], 'red,green,dark-blue']);
    expect(colors.parse('green, red,green')).toEqual(['green', 'red']);
    expect(colors.format(colors.parse('green,red'))).toBe('green,red');
  });

  test.each([
    ['red,gren', "expected some of red, green, dark-blue, got 'gren'; did you mean 'green'?"],
    ['', "got ''"],
    ['red,', "got ''"],
  ])('refuses %j', (text, message) => {
    expect(() => colors.parse(text)).toThrow(message);
  });
});
