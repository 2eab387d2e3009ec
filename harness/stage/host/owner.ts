import { readProcess } from '../node/proc.ts';

const lookMs = 1_000;

/** Calls `onGone` once, when the process has ended or its number belongs to another one. Gives what stops the watch. */
export function watchOwner(pid: number, onGone: () => void): () => void {
  const startTicks = readProcess(pid)?.startTicks;
  const timer = setInterval(() => {
    const owner = readProcess(pid);
    if (owner && owner.startTicks === startTicks && owner.state !== 'Z') return;
    clearInterval(timer);
    onGone();
  }, lookMs);
  return () => clearInterval(timer);
}
