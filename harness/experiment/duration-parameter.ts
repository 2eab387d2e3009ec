import { isDuration, scaled, toMs, type Duration, type ScaledDuration } from '../core/duration.ts';
import { BlackstartError } from '../core/errors.ts';
import type { Parameter } from './parameter.ts';

/**
 * A duration. The kind of the default decides which clock it is on: `duration('90s', …)` is wall time,
 * `duration(scaled('20m'), …)` is incident time. The user writes `90s` or `20m` in both cases.
 */
export function duration(defaultValue: Duration, meaning: string): Parameter<Duration>;
export function duration(defaultValue: ScaledDuration, meaning: string): Parameter<ScaledDuration>;
export function duration(
  defaultValue: Duration | ScaledDuration,
  meaning: string,
): Parameter<Duration> | Parameter<ScaledDuration> {
  return typeof defaultValue === 'string' ? wallTime(defaultValue, meaning) : incidentTime(defaultValue, meaning);
}

function wallTime(defaultValue: Duration, meaning: string): Parameter<Duration> {
  return {
    type: 'duration (wall time)',
    default: defaultValue,
    defaultText: defaultValue,
    meaning,
    parse: parseDuration,
    format: (value) => value,
  };
}

function incidentTime(defaultValue: ScaledDuration, meaning: string): Parameter<ScaledDuration> {
  return {
    type: 'duration (incident time)',
    default: defaultValue,
    defaultText: defaultValue.scaled,
    meaning,
    parse: (text) => scaled(parseDuration(text)),
    format: (value) => value.scaled,
  };
}

function parseDuration(text: string): Duration {
  if (!isDuration(text)) {
    throw new BlackstartError('usage', `expected a duration such as 250ms, 90s, 20m or 1h, got '${text}'`);
  }
  const ms = toMs(text);
  if (ms < 0 || !Number.isFinite(ms)) {
    throw new BlackstartError('usage', `expected a duration of zero or more, got '${text}'`);
  }
  return text;
}
