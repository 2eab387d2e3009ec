import type { RungResult } from './result.ts';

/** What one promise came to. */
export type Judged = Pick<RungResult['promises'][number], 'outcome' | 'measuredMs' | 'text'>;

/** The way itself did not work: there was no door to try. */
export function notClimbed(message: string): Judged {
  return message === ''
    ? { outcome: 'unknown', measuredMs: null, text: 'nothing was measured' }
    : { outcome: 'broken', measuredMs: null, text: message };
}
