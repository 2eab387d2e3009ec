import type { SampleRow } from '../../core/sample.ts';
import { buildSeries, type Series } from '../series.ts';

const outcomes: Readonly<Record<string, string>> = {
  '.': 'ok',
  S: 'resolve:SERVFAIL',
  R: 'resolve:refused',
  N: 'resolve:NXDOMAIN',
  C: 'connect:refused',
};

/**
 * A series drawn as text, one sample every 100 ms from 0 on: `.` ok, `S` SERVFAIL, `R` refused, `N` NXDOMAIN, `C`
 * connection refused, a space is a lost sample, `|` begins a new session.
 */
export function seriesOf(drawing: string, ttlsS: readonly number[] = []): Series {
  let session = 1;
  const rows = new Map<number, SampleRow[]>();
  let slot = 0;
  for (const letter of drawing) {
    if (letter === '|') {
      session++;
      continue;
    }
    const outcome = outcomes[letter];
    const row: SampleRow = [slot, slot * 100, 0, outcome ?? '', 2, 1, 0, 0, ttlsS[slot] ?? -1];
    if (outcome !== undefined) rows.set(session, [...(rows.get(session) ?? []), row]);
    slot++;
  }
  const common = { type: 'samples', seq: 0, monotonicMs: 0, node: 'n', lane: 'l', errorMs: 0, dropped: 0 } as const;
  const events = [...rows].map(([id, some]) => ({ ...common, offsetMs: 0, session: `session-${id}`, rows: some }));
  return buildSeries({ lane: 'l', node: 'n', rateHz: 10 }, events, 0);
}
