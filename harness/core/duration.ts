/**
 * Two clocks, two types. A plain duration is wall time. Only what is wrapped in `scaled()` is incident time and is
 * divided by the time scale. They are different types, so the compiler refuses one for the other.
 */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h'}`;

/** Incident time: divided by the run's time scale before anything waits for it. */
export interface ScaledDuration {
  readonly scaled: Duration;
}

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const pattern = /^(-?\d+(?:\.\d+)?)(ms|s|m|h)$/;

/** Marks a duration as incident time. */
export function scaled(duration: Duration): ScaledDuration {
  return { scaled: duration };
}

/** True when the text is a duration such as `250ms`, `90s`, `1.5m`. */
export function isDuration(text: string): text is Duration {
  return pattern.test(text);
}

/** Wall milliseconds of a plain duration. Throws a RangeError when the text is no duration. */
export function toMs(duration: Duration): number {
  const match = pattern.exec(duration);
  if (!match) throw new RangeError(`'${duration}' is not a duration; write for example 250ms, 90s, 20m or 1h`);
  return Number(match[1]) * unitMs[match[2] as keyof typeof unitMs];
}

/** Wall milliseconds that an incident duration takes at this time scale (20m at 60 is 20,000). */
export function scaledToMs(duration: ScaledDuration, timeScale: number): number {
  return toMs(duration.scaled) / timeScale;
}

/** The shortest exact text of a number of milliseconds: 90000 is `90s`, 250 is `250ms`. */
export function formatMs(ms: number): Duration {
  for (const unit of ['h', 'm', 's'] as const) {
    const count = ms / unitMs[unit];
    if (Math.abs(count) >= 1 && Number.isInteger(count)) return `${count}${unit}`;
  }
  return Math.abs(ms) >= 1_000 ? `${Number((ms / 1_000).toFixed(3))}s` : `${Number(ms.toFixed(3))}ms`;
}
