import { expect, it } from 'vitest';
import type { EventBody } from '../core/events.ts';
import { judgeCleanliness, type Cleanliness } from './cleanliness.ts';

function judged(...bodies: readonly EventBody[]): Cleanliness {
  return judgeCleanliness(bodies.map((body, seq) => ({ ...body, seq, monotonicMs: seq })));
}

const failed: EventBody = { type: 'undo', change: 'park', outcome: 'failed', message: 'no answer' };
const undone: EventBody = { type: 'undo', change: 'park', outcome: 'ok' };

it('leaves the last word to the verification', () => {
  const leftovers = [{ what: 'a PodChaos', command: 'kubectl delete' }];
  expect(judged(failed, { type: 'undo-verified', clean: true, leftovers: [] })).toEqual({ clean: true, leftovers: [] });
  expect(judged(undone, { type: 'undo-verified', clean: false, leftovers })).toEqual({ clean: false, leftovers });
});

it('is not known without a verification', () => {
  expect(judged()).toEqual({ clean: null, leftovers: [] });
  expect(judged(failed, undone).clean).toBeNull();
});

it('is broken by an undo that failed at its last try when nobody verified', () => {
  expect(judged(undone, failed)).toEqual({
    clean: false,
    leftovers: [{ what: 'park (no answer)', command: 'npm run -s blackstart -- cleanup' }],
  });
});
