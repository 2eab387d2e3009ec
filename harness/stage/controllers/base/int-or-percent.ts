import type { IntOrPercent } from './kinds.ts';

/** The number that a number or a percentage of `total` means. */
export function resolveIntOrPercent(value: IntOrPercent, total: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  const share = value.endsWith('%') ? (Number(value.slice(0, -1)) * total) / 100 : Number(value);
  if (!Number.isFinite(share)) return 0;
  return round === 'up' ? Math.ceil(share) : Math.floor(share);
}
