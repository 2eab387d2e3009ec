import { BlackstartError } from '../core/errors.ts';
import { didYouMean } from './nearest.ts';
import type { Parameter } from './parameter.ts';

/** One of a few words. */
export function oneOf<const Value extends string>(
  values: readonly Value[],
  defaultValue: NoInfer<Value>,
  meaning: string,
): Parameter<Value> {
  return {
    type: values.join(' | '),
    default: defaultValue,
    defaultText: defaultValue,
    meaning,
    parse: (text) => {
      const found = values.find((value) => value === text);
      if (found !== undefined) return found;
      const message = `expected one of ${values.join(', ')}, got '${text}'${didYouMean(text, values)}`;
      throw new BlackstartError('usage', message);
    },
    format: (value) => value,
  };
}

/** Some of a few words, separated by commas; each counts once, in the order in which they were written. */
export function someOf<const Value extends string>(
  values: readonly Value[],
  meaning: string,
): Parameter<readonly Value[]> {
  const one = (text: string): Value => {
    const found = values.find((value) => value === text);
    if (found !== undefined) return found;
    const message = `expected some of ${values.join(', ')}, got '${text}'${didYouMean(text, values)}`;
    throw new BlackstartError('usage', message);
  };
  return {
    type: `some of ${values.join(', ')}`,
    default: values,
    defaultText: values.join(','),
    meaning,
    parse: (text) => [...new Set(text.split(',').map((word) => one(word.trim())))],
    format: (value) => value.join(','),
  };
}

/** On or off: `true` or `false`. */
export function flag(defaultValue: boolean, meaning: string): Parameter<boolean> {
  return {
    type: 'true | false',
    default: defaultValue,
    defaultText: String(defaultValue),
    meaning,
    parse: (text) => {
      if (text === 'true' || text === 'false') return text === 'true';
      throw new BlackstartError('usage', `expected true or false, got '${text}'`);
    },
    format: String,
  };
}
