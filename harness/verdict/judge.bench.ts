import { bench, describe } from 'vitest';
import { parseEventLog } from '../core/event-log.ts';
import { judge, renderResultJson } from './judge.ts';
import { buildRun } from './testing/log-builder.ts';

/** What `blackstart report` does with a stored run. Compare the two as a ratio. */
describe('a stored run', () => {
  const { plan, events } = buildRun();
  const text = `${events.map((event) => JSON.stringify(event)).join('\n')}\n`;

  bench('reading the event log', () => {
    parseEventLog(text, 'events.jsonl');
  });

  bench('judging it', () => {
    renderResultJson(judge(plan, events));
  });
});
