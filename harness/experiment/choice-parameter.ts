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
