import { readFileSync, statfsSync } from 'node:fs';
import { freemem } from 'node:os';
import type { Check } from '../cluster.ts';

/** What the machine has; undefined where it cannot be told (not Linux). */
export interface Host {
  readonly inotifyWatches: number | undefined;
  readonly inotifyInstances: number | undefined;
  readonly openFiles: number | undefined;
  readonly freeDiskBytes: number | undefined;
  readonly freeMemoryBytes: number | undefined;
}

const gigabyte = 1_000_000_000;

/** Reads the limits of this machine. */
export function readHost(): Host {
  return {
    inotifyWatches: numberIn('/proc/sys/fs/inotify/max_user_watches', /(\d+)/),
    inotifyInstances: numberIn('/proc/sys/fs/inotify/max_user_instances', /(\d+)/),
    openFiles: numberIn('/proc/self/limits', /Max open files\s+(\d+)/),
    freeDiskBytes: attempt(() => {
      const { bavail, bsize } = statfsSync('/');
      return bavail * bsize;
    }),
    freeMemoryBytes: numberIn('/proc/meminfo', /MemAvailable:\s+(\d+)/, 1_024) ?? freemem(),
  };
}

/**
 * One line per limit, all of them warnings: a cluster may come up with less. The inotify limits are those of kind's
 * "known issues"; a cluster of three nodes with Chaos Mesh takes about 2 GB of memory and, with its images, 5 GB of disk.
 */
export function hostChecks(host: Host): readonly Check[] {
  return [
    limit('inotify watches', host.inotifyWatches, 524_288, 'sudo sysctl fs.inotify.max_user_watches=524288'),
    limit('inotify instances', host.inotifyInstances, 512, 'sudo sysctl fs.inotify.max_user_instances=512'),
    limit('open files', host.openFiles, 4_096, 'ulimit -n 65536'),
    limit(
      'free memory (GB)',
      inGigabytes(host.freeMemoryBytes),
      4,
      'Close other programs, or give Docker more memory.',
    ),
    limit('free disk (GB)', inGigabytes(host.freeDiskBytes), 10, 'docker system prune'),
  ];
}

function limit(name: string, found: number | undefined, wanted: number, hint: string): Check {
  if (found === undefined) return { name, status: 'ok', found: 'unknown on this system', hint: '' };
  if (found >= wanted) return { name, status: 'ok', found: String(found), hint: '' };
  return { name, status: 'warning', found: `${found}, at least ${wanted} is advised`, hint };
}

function inGigabytes(bytes: number | undefined): number | undefined {
  return bytes === undefined ? undefined : Math.floor(bytes / gigabyte);
}

function numberIn(path: string, pattern: RegExp, factor = 1): number | undefined {
  const found = attempt(() => pattern.exec(readFileSync(path, 'utf8'))?.[1]);
  return found === undefined ? undefined : Number(found) * factor;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
