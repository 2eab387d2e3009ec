import { readFileSync, statSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Kernel start time in clock ticks since boot; empty where /proc is missing. */
  readonly started: string;
}

/** Who a process is now; undefined when there is none with this number. */
export function identify(pid: number): ProcessIdentity | undefined {
  try {
    process.kill(pid, 0);
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  return { pid, started: startTime(pid) };
}

/** True while exactly this process runs, and where one with its number hides its start time. */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  if (!now) return false;
  // With hidepid, other users' processes are there but cannot be read: it may well be the one that is meant.
  return now.started === '' || now.started === identity.started;
}

/** Where the number of a process means something: the boot, the PID namespace and the user. Undefined where it cannot be told. */
export function processSpace(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}.${statSync('/proc/self/ns/pid').ino}.${process.getuid?.()}`;
  } catch {
    return undefined;
  }
}

function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in brackets and may hold spaces; the start time is field 22, the 20th after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
