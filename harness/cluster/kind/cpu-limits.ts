import { pasteable, type Run } from '../../core/command.ts';
import type { Change } from '../../undo/change.ts';
import type { CpuLimits, CpuState } from '../cluster.ts';
import { nodeScript, nodeTimeoutMs, plainName, runInNode } from './node-script.ts';
import { arm, disarm, listTimers, timerArguments, timerUnit } from './undo-timer.ts';

/** CFS's own period; a quota is microseconds of CPU in each. */
const periodUs = 100_000;
/** CFS refuses less than 1 ms in a period. */
const leastMillicores = 10;

/** crictl's own 2 s are too few on a node under load; within `nodeTimeoutMs` there is room for two calls. */
const crictl = 'crictl -t 6s';

const idsOf = (name: string): string => `ids=$(${crictl} ps -q --name "^${name}$")`;

const setQuota = (quota: string): string =>
  `${crictl} update --cpu-period ${periodUs} --cpu-quota "${quota}" "$id" >/dev/null`;

/** A container that starts has no limit, so a service in the node looks once a second and sets it again. */
const keep = `while :; do if ${idsOf('$1')}; then for id in $ids; do [ "$id" = "$last" ] || { ${setQuota('$2')} && last=$id; }; done; fi; sleep 1; done`;

/** Lifts the limit. Fails when it could not be lifted, unless the container has ended meanwhile. */
const lift = [
  'systemctl stop "blackstart-limit-$1" 2>/dev/null || true;',
  `${idsOf('$1')} || exit 1;`,
  `for id in $ids; do if ! ${setQuota('-1')}; then if ${crictl} ps -q | grep -q "$id"; then exit 1; fi; fi; done`,
].join(' ');

const limit = [
  `${timerArguments} quota=$5; keep=$6; ${arm}`,
  'systemctl stop "blackstart-limit-$target" 2>/dev/null || true;',
  'systemd-run --quiet --collect --unit="blackstart-limit-$target" sh -c "$keep" sh "$target" "$quota";',
  `${idsOf('$target')}; for id in $ids; do ${setQuota('$quota')}; done`,
].join(' ');

const undo = `${lift}; unit=$2; ${disarm}`;

/**
 * The folder of its cgroup carries the container's id, whatever the version and the driver. The slash behind the folder is
 * for machines where it is a link. Prints the id, quota and period, throttled periods; nothing when no container runs.
 */
const read = [
  `${idsOf('$1')} || exit 1; id=$(echo "$ids" | head -n 1); [ -n "$id" ] || exit 0; echo "$id";`,
  'cpu=/sys/fs/cgroup/cpu; [ -d "$cpu" ] || cpu=/sys/fs/cgroup;',
  'dir=$(find "$cpu/" -type d -name "*$id*" | head -n 1); [ -n "$dir" ] || { echo "container $id has no cgroup" >&2; exit 1; };',
  'if [ -e "$dir/cpu.max" ]; then cat "$dir/cpu.max"; else cat "$dir/cpu.cfs_quota_us" "$dir/cpu.cfs_period_us"; fi;',
  'grep nr_throttled "$dir/cpu.stat"',
].join(' ');

const inspect = `unit=$2; if systemctl is-active --quiet "blackstart-limit-$1"; then echo "service blackstart-limit-$1"; fi; ${listTimers}`;

/** CPU limits of containers by way of crictl, which knows the cgroup's version and driver; works with the API down. */
export function nodeCpuLimits(node: string, run: Run): CpuLimits {
  const stateOf = async (name: string): Promise<CpuState | undefined> =>
    parseCpuState(await runInNode(run, node, read, [plainName(name)]));
  return {
    read: stateOf,
    limit: (name, millicores, withinMs): Change => {
      const unit = timerUnit('limit', plainName(name));
      const argv = nodeScript(node, undo, [name, unit]);
      const quota = Math.max(leastMillicores, Math.round(millicores)) * (periodUs / 1_000);
      return {
        describe: `limit the CPU of ${name} on ${node}`,
        undo: { argv, timeoutMs: nodeTimeoutMs },
        needs: 'node',
        // Nothing to remember: nothing of the control plane has a limit in kind; a limit of ours is one of an earlier try.
        snapshot: async () => {},
        apply: async () => {
          const args = [name, String(Math.ceil(withinMs)), unit, lift, String(quota), keep];
          await runInNode(run, node, limit, args);
        },
        verify: async () => {
          const lines = (await runInNode(run, node, inspect, [name, unit])).split('\n').filter((line) => line !== '');
          const state = await stateOf(name);
          const limited = state && state.millicores !== null ? [`a limit of ${state.millicores} millicores`] : [];
          return [...lines, ...limited].map((what) => ({
            what: `${name} on ${node}: ${what}`,
            command: pasteable(argv),
          }));
        },
      };
    },
  };
}

/** Reads the id, `50000 100000` (version 2, or `max`) or both on lines of their own with -1 for no limit, `nr_throttled N`. */
export function parseCpuState(text: string): CpuState | undefined {
  const [id, quota, period, , throttled] = text.split(/\s+/);
  if (id === undefined || id === '') return undefined;
  const isOpen = quota === 'max' || quota === '-1';
  return { id, millicores: isOpen ? null : (Number(quota) / Number(period)) * 1_000, throttled: Number(throttled) };
}
