import { expect, test } from 'vitest';
import { scaled } from '../core/duration.ts';
import { BlackstartError } from '../core/errors.ts';
import { oneOf } from './choice-parameter.ts';
import { duration } from './duration-parameter.ts';
import type { Parameter } from './parameter.ts';
import { parseSettings } from './settings.ts';

const experiment = {
  parameters: {
    hold: duration(scaled('20m'), 'hold'),
    cause: oneOf(['restart', 'down'], 'restart', 'cause'),
    'lanes.subject.forward': oneOf(['tcp', 'udp'], 'tcp', 'forward'),
  },
};

function errorOf(...assignments: string[]): BlackstartError {
  try {
    parseSettings(experiment, assignments);
  } catch (error) {
    if (error instanceof BlackstartError) return error;
  }
  throw new Error('it was accepted');
}

test('what is not set keeps its default', () => {
  expect(parseSettings(experiment, [])).toEqual({
    hold: scaled('20m'),
    cause: 'restart',
    'lanes.subject.forward': 'tcp',
  });
});

test('several are set at once, each read by its own parameter', () => {
  expect(parseSettings(experiment, ['lanes.subject.forward=udp', 'hold=10m'])).toEqual({
    hold: scaled('10m'),
    cause: 'restart',
    'lanes.subject.forward': 'udp',
  });
});

test('an undeclared name is a usage error that suggests the nearest and lists the declared ones', () => {
  const error = errorOf('hodl=10m');
  expect(error).toMatchObject({ code: 'usage', message: "there is no parameter 'hodl'; did you mean 'hold'?" });
  expect(error.hint).toBe('Parameters: hold, cause, lanes.subject.forward.');
});

test('names that every object has are undeclared too', () => {
  expect(errorOf('constructor=1').message).toContain("there is no parameter 'constructor'");
});

test('all problems are told at once', () => {
  const { message } = errorOf('hold=soon', 'cause', '=1', 'cause=down', 'cause=restart', 'forward=udp');
  expect(message.split('\n')).toEqual([
    "hold: expected a duration such as 250ms, 90s, 20m or 1h, got 'soon'",
    "'cause' is no setting; write NAME=VALUE",
    "'=1' is no setting; write NAME=VALUE",
    'cause is set twice',
    "there is no parameter 'forward'; did you mean 'lanes.subject.forward'?",
  ]);
});

test('a value may hold an equals sign', () => {
  const text: Parameter<string> = {
    type: 'text',
    default: '',
    defaultText: '',
    meaning: 'm',
    parse: (value) => value,
    format: (value) => value,
  };
  expect(parseSettings({ parameters: { text } }, ['text=a=b'])).toEqual({ text: 'a=b' });
});

test('a parser that breaks is not taken for bad input', () => {
  const broken: Parameter<string> = {
    type: 'text',
    default: '',
    defaultText: '',
    meaning: 'm',
    parse: () => {
      throw new TypeError('a bug');
    },
    format: (value) => value,
  };
  expect(() => parseSettings({ parameters: { broken } }, ['broken=1'])).toThrow(TypeError);
});
