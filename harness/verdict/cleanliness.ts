import type { Leftover, RunEvent } from '../core/events.ts';

export interface Cleanliness {
  /** null: the log ends before the undo was verified, and no undo failed. */
  readonly clean: boolean | null;
  readonly leftovers: readonly Leftover[];
}

/** The verification has the last word. Without one, an undo that failed at its last try is something left behind. */
export function judgeCleanliness(events: readonly RunEvent[]): Cleanliness {
  const verified = events.findLast((event) => event.type === 'undo-verified');
  if (verified) return { clean: verified.clean, leftovers: verified.leftovers };
  const last = new Map(events.filter((event) => event.type === 'undo').map((event) => [event.change, event] as const));
  const failed = [...last.values()].filter((event) => event.outcome === 'failed');
  if (failed.length === 0) return { clean: null, leftovers: [] };
  return {
    clean: false,
    leftovers: failed.map(({ change, message }) => ({
      what: message === undefined ? change : `${change} (${message})`,
      command: 'npm run -s blackstart -- cleanup',
    })),
  };
}
