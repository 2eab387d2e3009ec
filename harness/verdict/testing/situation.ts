import type { ReasonCode, Verdict } from '../result.ts';
import type { Difference, SampleChange } from './log-builder.ts';
import { when, type At } from './usual-world.ts';

/** A run and what the judge must say of it. */
export interface Situation extends Difference {
  readonly name: string;
  readonly verdict: Verdict;
  readonly exitCode: number;
  readonly reasonCode: ReasonCode;
  /** What the reason must say. */
  readonly says: RegExp;
}

/** Shorthand for a situation's expected end. */
type End = Pick<Situation, 'verdict' | 'exitCode' | 'reasonCode'>;

export const pass: End = { verdict: 'pass', exitCode: 0, reasonCode: 'pass' };
export const fail: End = { verdict: 'fail', exitCode: 1, reasonCode: 'budget' };

export function unknown(reasonCode: ReasonCode, exitCode = 2): End {
  return { verdict: 'inconclusive', exitCode, reasonCode };
}

/** The subject answers SERVFAIL for this long from its expiry on. */
export function subjectFails(forMs: number, node?: string): SampleChange {
  return ({ lane, node: on, ms }) => {
    const isHit = lane === 'subject' && (node ?? on) === on && ms >= when.expiry && ms < when.expiry + forMs;
    return isHit ? { outcome: 'resolve:SERVFAIL', ttlS: -1 } : undefined;
  };
}

export function between({ ms }: At, fromMs: number, toMs: number): boolean {
  return ms >= fromMs && ms < toMs;
}
