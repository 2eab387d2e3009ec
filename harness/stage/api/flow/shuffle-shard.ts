import { seededRandom } from '../../../core/random.ts';

/**
 * The queues that a flow may use: `size` different ones of `deck` (size ≤ deck), always the same for the same flow. Two flows seldom
 * share all of theirs, so one that floods its queues leaves others a way past.
 */
export function dealHand(flow: string, deck: number, size: number): number[] {
  if (deck === 1) return [0];
  const random = seededRandom(fnv1a(flow));
  const hand = new Set<number>();
  while (hand.size < size) hand.add(Math.floor(random.next() * deck));
  return [...hand];
}

/** The 32-bit FNV-1a hash, over UTF-16 units. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
