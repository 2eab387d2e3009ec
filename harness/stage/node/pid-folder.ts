import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { readProcess, signalGroup } from './proc.ts';

/**
 * Remembers on disk which process groups are ours: one file per group, named by its number, with the start time of its
 * leader in clock ticks. The host reads it too, to pause a node.
 */
export class PidFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  add(pid: number): void {
    writeFileSync(join(this.#folder, String(pid)), readProcess(pid)?.startTicks ?? '');
  }

  remove(pid: number): void {
    rmSync(join(this.#folder, String(pid)), { force: true });
  }

  /** Kills what a predecessor that was killed itself has left, and nothing that only got one of its numbers. */
  async killLeftovers(): Promise<number[]> {
    const killed: number[] = [];
    for (const name of readdirSync(this.#folder)) {
      const pid = Number(name);
      const ticks = readFileSync(join(this.#folder, name), 'utf8');
      if (ticks !== '' && readProcess(pid)?.startTicks === ticks) {
        signalGroup(pid, 'SIGKILL');
        killed.push(pid);
      }
      this.remove(pid);
    }
    // Their ports are free only when they are gone.
    while (killed.some((pid) => isRunning(pid))) await setTimeout(1);
    return killed;
  }
}

function isRunning(pid: number): boolean {
  const state = readProcess(pid)?.state;
  return state !== undefined && state !== 'Z';
}
