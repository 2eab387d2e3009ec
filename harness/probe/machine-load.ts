import { readFileSync } from 'node:fs';
import type { Emit } from '../core/events.ts';

/** Time in clock ticks since boot, over all CPUs. */
export interface CpuTimes {
  readonly total: number;
  readonly idle: number;
  /** Taken by the hypervisor for other machines. */
  readonly stolen: number;
}

/** Reads the first line of /proc/stat: user nice system idle iowait irq softirq steal. */
export function parseCpuTimes(stat: string): CpuTimes | undefined {
  const match = /^cpu\s+(.+)$/m.exec(stat);
  const ticks = match?.[1]?.split(' ').slice(0, 8).map(Number);
  if (ticks === undefined || ticks.length < 8 || ticks.some(Number.isNaN)) return undefined;
  const [idle = 0, ioWait = 0] = ticks.slice(3, 5);
  return { total: ticks.reduce((sum, one) => sum + one, 0), idle: idle + ioWait, stolen: ticks[7] ?? 0 };
}

/** Says what the machine did between two calls; says nothing where /proc/stat cannot be read. */
export function machineLoadReader(emit: Emit, read = readStat): { read(): Promise<void> } {
  let before = parseCpuTimes(read());
  return {
    read: async () => {
      const now = parseCpuTimes(read());
      const passed = now && before ? now.total - before.total : 0;
      if (now && before && passed > 0) {
        const busy = 1 - (now.idle - before.idle) / passed;
        emit({ type: 'machine-load', busy: share(busy), stolen: share((now.stolen - before.stolen) / passed) });
      }
      before = now;
    },
  };
}

function readStat(): string {
  try {
    return readFileSync('/proc/stat', 'utf8');
  } catch {
    return '';
  }
}

function share(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 1_000) / 1_000;
}
