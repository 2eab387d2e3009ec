import type { Random } from '../../../core/random.ts';

/** Kubernetes' letters for generated names: no vowels, so no words. */
const letters = Array.from('bcdfghjklmnpqrstvwxz2456789');

export function randomSuffix(random: Random, length = 5): string {
  return Array.from({ length }, () => random.pick(letters)).join('');
}

/** `prefix` and a random suffix, not longer than a name may be. */
export function generatedName(prefix: string, random: Random): string {
  return prefix.slice(0, 58) + randomSuffix(random);
}

/** FNV-1a, 32 bits, in those letters: short, and stable for ever. */
export function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return String(hash).replaceAll(/\d/g, (digit) => letters[Number(digit)] ?? '');
}
