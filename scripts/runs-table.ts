/**
 * A program: `node scripts/runs-table.ts FOLDER`. Prints one Markdown row for each stored run in the folder (for example
 * runs/dns-cache-expiry), oldest first: what the table in ARCHITECTURE.md is made of.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseResult, type Result } from '../harness/verdict/result.ts';

const folder = process.argv[2] ?? 'runs/dns-cache-expiry';
const seconds = (ms: number | null | undefined): string =>
  ms === null || ms === undefined ? '–' : (ms / 1_000).toFixed(2);
const wholeMs = (ms: number | null | undefined): string => (ms === null || ms === undefined ? '–' : ms.toFixed(0));

const head = [
  ['run (UTC)', 'verdict', 'masking window s', 'control after refresh s'],
  ['p99 ms: answering', 'no listener', 'SERVFAIL', 'endpoints empty', 'max'],
  ['subject failures', 'recovery s', 'own ms', 'total s'],
].flat();
console.log(`| ${head.join(' | ')} |\n|${' --- |'.repeat(head.length)}`);
for (const time of readdirSync(folder)
  .filter((name) => name !== 'latest')
  .toSorted()) {
  const result = parseResult(JSON.parse(readFileSync(join(folder, time, 'result.json'), 'utf8')));
  console.log(`| ${rowOf(time, result).join(' | ')} |`);
}

function rowOf(time: string, { verdict, reasonCode, lanes, measures, durationMs }: Result): readonly string[] {
  const { subject, control } = lanes;
  const states = subject?.byUpstream;
  const p99s = [states?.answering, states?.noListener, states?.servfail, states?.endpointsEmpty].map((state) =>
    wholeMs(state?.latencyMs.p99),
  );
  const held = Object.values(control?.nodes ?? {}).map(({ firstFailureMs, lastRefreshMs }) =>
    firstFailureMs === null || lastRefreshMs === null ? '–' : seconds(firstFailureMs - lastRefreshMs),
  );
  return [
    time.slice(11, 19).replaceAll('-', ':'),
    verdict === 'pass' ? 'pass' : `${verdict} (${reasonCode})`,
    seconds(measures.maskingWindowMs),
    held.join(', '),
    ...p99s,
    wholeMs(subject?.latencyMs.max),
    `${subject?.failures ?? '–'} of ${subject?.samples ?? '–'}`,
    seconds(measures.timeToRecoverMs),
    wholeMs(measures.overheadMs.own),
    seconds(durationMs),
  ];
}
