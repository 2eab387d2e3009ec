import { BlackstartError } from '../core/errors.ts';
import type { Parameter } from './parameter.ts';

/** Both ends belong to the range. Default: no limit. */
export interface NumberRange {
  readonly min?: number;
  readonly max?: number;
}

const integerPattern = /^-?\d+$/;
const numberPattern = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/** A whole number, exact up to 2^53. */
export function integer(defaultValue: number, meaning: string, range: NumberRange = {}): Parameter<number> {
  return {
    type: `integer${rangeText(range)}`,
    default: defaultValue,
    defaultText: String(defaultValue),
    meaning,
    parse: (text) => {
      const value = integerPattern.test(text) ? Number(text) : Number.NaN;
      if (!Number.isSafeInteger(value)) throw new BlackstartError('usage', `expected a whole number, got '${text}'`);
      return within(range, value, text);
    },
    format: String,
  };
}

/** Any finite number in decimal notation. */
export function number(defaultValue: number, meaning: string, range: NumberRange = {}): Parameter<number> {
  return {
    type: `number${rangeText(range)}`,
    default: defaultValue,
    defaultText: String(defaultValue),
    meaning,
    parse: (text) => {
      const value = numberPattern.test(text) ? Number(text) : Number.NaN;
      if (!Number.isFinite(value)) throw new BlackstartError('usage', `expected a number, got '${text}'`);
      return within(range, value, text);
    },
    format: String,
  };
}

function within(range: NumberRange, value: number, text: string): number {
  if (value < (range.min ?? -Infinity) || value > (range.max ?? Infinity)) {
    throw new BlackstartError('usage', `expected a number${rangeText(range)}, got '${text}'`);
  }
  return value;
}

function rangeText({ min, max }: NumberRange): string {
  if (min !== undefined && max !== undefined) return `, ${min} to ${max}`;
  if (min !== undefined) return `, at least ${min}`;
  return max === undefined ? '' : `, at most ${max}`;
}
