const minuteS = 60;
const hourS = 60 * minuteS;
const dayS = 24 * hourS;
const yearS = 365 * dayS;

/** How long ago that was, in the words of kubectl; `<unknown>` when there is no timestamp. */
export function since(timestamp: unknown, now: Date): string {
  const timeMs = typeof timestamp === 'string' ? Date.parse(timestamp) : NaN;
  return Number.isNaN(timeMs) ? '<unknown>' : humanDuration(Math.trunc((now.getTime() - timeMs) / 1_000));
}

/** Two or three significant figures: `119s`, `2m5s`, `3h10m`, `5d`. Up to a second in the future counts as now. */
export function humanDuration(seconds: number): string {
  if (seconds < -1) return '<invalid>';
  if (seconds < 2 * minuteS) return `${Math.max(seconds, 0)}s`;
  if (seconds < 10 * minuteS) return twoUnits(seconds, [minuteS, 'm'], [1, 's']);
  if (seconds < 3 * hourS) return `${Math.trunc(seconds / minuteS)}m`;
  if (seconds < 8 * hourS) return twoUnits(seconds, [hourS, 'h'], [minuteS, 'm']);
  if (seconds < 2 * dayS) return `${Math.trunc(seconds / hourS)}h`;
  if (seconds < 8 * dayS) return twoUnits(seconds, [dayS, 'd'], [hourS, 'h']);
  if (seconds < 2 * yearS) return `${Math.trunc(seconds / dayS)}d`;
  if (seconds < 8 * yearS) return twoUnits(seconds, [yearS, 'y'], [dayS, 'd']);
  return `${Math.trunc(seconds / yearS)}y`;
}

type Unit = readonly [seconds: number, letter: string];

function twoUnits(seconds: number, [bigS, big]: Unit, [smallS, small]: Unit): string {
  const rest = Math.trunc((seconds % bigS) / smallS);
  return `${Math.trunc(seconds / bigS)}${big}${rest === 0 ? '' : `${rest}${small}`}`;
}
