import { formatTime } from '../verdict/format.ts';
import type { Result } from '../verdict/result.ts';
import { clock } from './clock.ts';
import { table, wrap } from './table.ts';

/** One line per agent's pod: what it asked for and what it got. */
export function agentLines({ agents }: Result): string[] {
  const rows = agents.map(({ node, mode, nodes, requests, ok, refused, failed, bytes }) => [
    node,
    mode,
    String(nodes),
    String(requests),
    String(ok),
    String(refused),
    String(failed),
    `${(bytes / 1e6).toFixed(0)} MB`,
  ]);
  return table('llrrrrrr', ['node', 'mode', 'for nodes', 'requests', 'ok', 'refused', 'failed', 'read'], rows);
}

/** Each command with its time and how it ended. */
export function commandLines({ commands }: Result): string[] {
  return commands.flatMap(({ name, command, startMs, durationMs, exitCode, output }) => {
    const ended = exitCode === null ? 'ended by its time limit' : `exit ${exitCode}`;
    const last = output.split('\n').at(-1) ?? '';
    return [
      ...wrap(`${clock(startMs)} ${name}: ${command}`),
      ...wrap(`${ended} after ${formatTime(durationMs)}${last === '' ? '' : `: ${last}`}`, '    ', '    '),
    ];
  });
}

/** Lock-out and alarm; nothing for a run without an operator. */
export function operatorLines({ measures }: Result): string[] {
  const { lockOuts, alarmMs, detectionLeadMs } = measures;
  const locked = Object.entries(lockOuts).map(([lane, found]) => {
    if (found === null) return `${lane} never`;
    return `${lane} ${formatTime(found.durationMs)} from ${clock(found.startMs)}${found.open ? ' (to the end)' : ''}`;
  });
  if (locked.length === 0) return [];
  return [
    ...wrap(`Lock-out (no call succeeded, 5 in a row at least): ${locked.join(', ')}`),
    ...wrap(`Alarm: ${alarmMs === null ? 'none' : `${clock(alarmMs)}, ${leadText(detectionLeadMs)}`}`),
  ];
}

function leadText(leadMs: number | null): string {
  if (leadMs === null) return 'the data plane never failed';
  return `${formatTime(Math.abs(leadMs))} ${leadMs < 0 ? 'after' : 'before'} the data plane failed`;
}
