import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** In the environment of every process of a pod: the pod's folder, which tells the node that it belongs to. */
export const podVariable = 'BLACKSTART_POD';

/** What `/proc/PID/stat` says; undefined when there is no such process. */
export function readProcess(pid: number) {
  const stat = read(`/proc/${pid}/stat`);
  // The name stands in brackets and may hold anything; field 3 comes after it.
  const [state = '', , group, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // State `T` is stopped. The start (in clock ticks since boot) and the pid together name a process for ever.
  return stat === '' ? undefined : { state, group: Number(group), startTicks: fields[16] ?? '' };
}

/** False also for one that has ended and that nobody has asked for its exit code. */
export function isRunning(pid: number): boolean {
  return (readProcess(pid)?.state ?? 'Z') !== 'Z';
}

/** The process groups of the pods of a node, by its folder; whoever has started them. */
export function podGroups(nodeFolder: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const ours = pids.filter((pid) => read(`/proc/${pid}/environ`).includes(`${podVariable}=${nodeFolder}/`));
  return [...new Set(ours.map((pid) => readProcess(Number(pid))?.group ?? 0))].filter((group) => group > 1);
}

/** Kills all pods of a node at once; resolves when they are gone, with how many groups there were. */
export async function killPods(nodeFolder: string): Promise<number> {
  const groups = podGroups(nodeFolder);
  for (let left = groups; left.length > 0; left = podGroups(nodeFolder)) {
    for (const group of left) signalGroup(group, 'SIGKILL');
    await setTimeout(5);
  }
  return groups.length;
}

/** Sends a signal to a whole process group; nothing happens when it is gone. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code !== 'ESRCH') throw problem;
  }
}

/** Empty for a process that is gone, or somebody else's. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
