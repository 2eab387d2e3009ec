import { readProcess } from '../proc.ts';

/** False also for one that has ended and that nobody has asked for its exit code. */
export function isProcessAlive(pid: number): boolean {
  const state = readProcess(pid)?.state;
  return state !== undefined && state !== 'Z';
}
