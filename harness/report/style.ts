import type { Verdict } from '../verdict/result.ts';

/** How words are set off on a terminal. Only verdicts have color. */
export interface Style {
  verdict(this: void, verdict: Verdict, text: string): string;
}

const codes: Readonly<Record<Verdict, number>> = { pass: 32, fail: 31, inconclusive: 33 };

export function createStyle(color: boolean): Style {
  if (!color) return { verdict: (_verdict, text) => text };
  return { verdict: (verdict, text) => `\u001b[1;${codes[verdict]}m${text}\u001b[0m` };
}
