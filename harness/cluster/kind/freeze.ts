import { pasteable, type Run } from '../../core/command.ts';
import type { Change } from '../../undo/change.ts';
import type { NodeContainer } from '../cluster.ts';
import { containerId, nodeScript, nodeTimeoutMs, runInNode } from './node-script.ts';
import { arm, disarm, listTimers, timerArguments, timerUnit } from './undo-timer.ts';

/** Every process of a container: the ones whose cgroup (version 1 or 2) carries its id. */
const eachProcess = (id: string, what: string): string =>
  `for pid in $(grep -ls -- "${id}" /proc/[0-9]*/cgroup | cut -d/ -f3); do ${what}; done`;

/** Lets every process run on. */
export const thaw = eachProcess('$1', 'kill -CONT "$pid" 2>/dev/null || true');

/** Twice, for processes that were started while the first round went through the list. */
const freeze = `${timerArguments} ${arm} stopped=0; for round in 1 2; do ${eachProcess('$target', 'if kill -STOP "$pid" 2>/dev/null; then stopped=1; fi')}; done; if [ $stopped = 0 ]; then echo "the container has no process" >&2; exit 1; fi`;

/** Ends what stands still; the kubelet starts the container again. */
const end = eachProcess('$1', 'kill -KILL "$pid" 2>/dev/null || true');

const inspect = `unit=$2; ${eachProcess('$1', 'if grep -qs "^State:.T" "/proc/$pid/status"; then echo "process $pid is stopped"; fi')}; ${listTimers}`;

const states = eachProcess('$1', 'grep -s "^State:" "/proc/$pid/status" || true');

/** True when a container has processes and every one of them stands still. */
export async function isContainerFrozen(node: string, id: string, run: Run): Promise<boolean> {
  const lines = (await runInNode(run, node, states, [containerId(id)])).split('\n').filter((line) => line !== '');
  return lines.length > 0 && lines.every((line) => /^State:\s*T\b/.test(line));
}

/** SIGSTOP for every process of a container; its undo is SIGCONT. */
export function freezeContainer(node: string, container: NodeContainer, withinMs: number, run: Run): Change {
  return standstill('freeze', thaw, { node, container, withinMs, run });
}

/** SIGSTOP as well, but its undo is SIGKILL: the container never goes on with what it knew. */
export function holdContainer(node: string, container: NodeContainer, withinMs: number, run: Run): Change {
  return standstill('hold', end, { node, container, withinMs, run });
}

interface Standstill {
  readonly node: string;
  readonly container: NodeContainer;
  readonly withinMs: number;
  readonly run: Run;
}

function standstill(what: 'freeze' | 'hold', release: string, { node, container, withinMs, run }: Standstill): Change {
  const id = containerId(container.id);
  const unit = timerUnit(what, id.slice(0, 12));
  const undoArgv = nodeScript(node, `${release}; unit=$2; ${disarm}`, [id, unit]);
  return {
    describe: `${what} container ${container.name} (${id.slice(0, 12)}) on ${node}`,
    undo: { argv: undoArgv, timeoutMs: nodeTimeoutMs },
    needs: 'node',
    // Nothing to remember: before, every process runs.
    snapshot: async () => {},
    apply: async () => {
      await runInNode(run, node, freeze, [id, String(Math.ceil(withinMs)), unit, release]);
    },
    verify: async () => {
      const lines = (await runInNode(run, node, inspect, [id, unit])).split('\n').filter((line) => line !== '');
      return lines.map((line) => ({
        what: `container ${container.name} on ${node}: ${line}`,
        command: pasteable(undoArgv),
      }));
    },
  };
}
