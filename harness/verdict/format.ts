/** How numbers are written for people: `412 ms`, `20.03 s`, `99.95 %`. Deterministic, no locale. */

/** Milliseconds; the sign is kept. */
export function formatTime(ms: number): string {
  if (Math.abs(ms) < 1_000) return `${trim(ms, Math.abs(ms) < 10 ? 1 : 0)} ms`;
  if (Math.abs(ms) < 100_000) return `${trim(ms / 1_000, 2)} s`;
  return `${trim(ms / 1_000, 0)} s`;
}

/** Incident time, which may be minutes or hours: `20 min 3 s`. */
export function formatIncident(ms: number): string {
  if (ms < 60_000) return formatTime(ms);
  const totalS = Math.round(ms / 1_000);
  const [hours, minutes, seconds] = [Math.floor(totalS / 3_600), Math.floor(totalS / 60) % 60, totalS % 60];
  const parts = [
    [hours, 'h'],
    [minutes, 'min'],
    [seconds, 's'],
  ] as const;
  return parts
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}

/** A share from 0 to 1, rounded down so that only all of it reads 100 %. */
export function formatShare(share: number): string {
  return `${trim(Math.floor(share * 100_000 + 1e-6) / 1_000, 3)} %`;
}

/** `1 node`, `2 nodes`. */
export function formatCount(amount: number, noun: string): string {
  const digits = String(amount).replaceAll(/\B(?=(\d{3})+(?!\d))/g, ',');
  return `${digits} ${noun}${amount === 1 ? '' : 's'}`;
}

/** Three decimals: a thousandth of a millisecond is below every clock error here. */
export function roundMs(ms: number): number {
  return round(ms, 3);
}

export function roundMsOrNull(ms: number | null): number | null {
  return ms === null ? null : roundMs(ms);
}

/** Six decimals: one failure in a million samples still shows. */
export function roundShare(share: number | null): number | null {
  return share === null ? null : round(share, 6);
}

function round(value: number, decimals: number): number {
  // `+ 0` turns -0 into 0.
  return Number(value.toFixed(decimals)) + 0;
}

function trim(value: number, decimals: number): string {
  return String(round(value, decimals));
}
