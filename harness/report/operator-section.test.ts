import { expect, it } from 'vitest';
import type { Result } from '../verdict/result.ts';
import { agentLines, commandLines, operatorLines } from './operator-section.ts';

const measures = { lockOuts: {}, alarmMs: null, detectionLeadMs: null };

function resultOf(changes: Partial<Pick<Result, 'agents' | 'commands'>> & { readonly measures?: object }): Result {
  return { agents: [], commands: [], ...changes, measures: { ...measures, ...changes.measures } } as unknown as Result;
}

it('has no lines for a run without agents and operators', () => {
  const result = resultOf({});
  expect([...agentLines(result), ...commandLines(result), ...operatorLines(result)]).toEqual([]);
});

it('tells lock-outs, those that never were among them, and the alarm with its lead', () => {
  const lines = operatorLines(
    resultOf({
      measures: {
        lockOuts: { admin: { startMs: 110_700, durationMs: 79_000, open: true }, 'break-glass': null },
        alarmMs: 117_500,
        detectionLeadMs: 43_300,
      },
    }),
  )
    .join(' ')
    .replaceAll(/\s+/g, ' ');
  expect(lines).toContain('admin 79 s from T+110.7s (to the end), break-glass never');
  expect(lines).toContain('Alarm: T+117.5s, 43.3 s before the data plane failed');
});

it('says so when the alarm came too late', () => {
  const late = resultOf({ measures: { lockOuts: { admin: null }, alarmMs: 20_000, detectionLeadMs: -3_000 } });
  expect(operatorLines(late).join('\n')).toContain('3 s after the data plane failed');
});

it('tells how a command ended', () => {
  const command = { name: 'remove', command: 'kubectl delete x', startMs: 1_000, output: 'one\ntwo' };
  const lines = commandLines(
    resultOf({
      commands: [
        { ...command, durationMs: 15_100, exitCode: 0 },
        { ...command, durationMs: 30_000, exitCode: null },
      ],
    }),
  ).join('\n');
  expect(lines).toContain('exit 0 after 15.1 s: two');
  expect(lines).toContain('ended by its time limit after 30 s');
});
