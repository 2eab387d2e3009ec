import { readFileSync, readdirSync } from 'node:fs';

const pageBytes = 4_096;

/** What `/proc/PID/stat` says of a process. */
export interface ProcessFacts {
  readonly pid: number;
  /** `T` when it is stopped. */
  readonly state: string;
  /** Number of the process group. */
  readonly group: number;
  /** Start in clock ticks since boot: with the pid, it names a process for ever. */
  readonly startTicks: string;
  readonly rssBytes: number;
}

/** Undefined when there is no such process. */
export function readProcess(pid: number): ProcessFacts | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in brackets and may hold anything; field 3 comes after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state = '', , group = ''] = fields;
    return {
      pid,
      state,
      group: Number(group),
      startTicks: fields[19] ?? '',
      rssBytes: Number(fields[21]) * pageBytes,
    };
  } catch {
    return undefined;
  }
}

/** The processes of these process groups. */
export function processesOf(groups: ReadonlySet<number>): ProcessFacts[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0)
    .map(readProcess)
    .filter((facts) => facts !== undefined)
    .filter(({ group }) => groups.has(group));
}

/** Sends a signal to a whole process group; nothing happens when it is gone. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code !== 'ESRCH') throw problem;
  }
}
