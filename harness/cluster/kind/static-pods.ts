import { pasteable, type Run } from '../../core/command.ts';
import type { Leftover } from '../../core/events.ts';
import type { Change } from '../../undo/change.ts';
import type { StaticPods } from '../cluster.ts';
import { addStaticPod, readManifest } from './added-static-pod.ts';
import { nodeScript, nodeTimeoutMs, plainName, runInNode } from './node-script.ts';
import { arm, disarm, listTimers, timerArguments, timerUnit } from './undo-timer.ts';

/** The kubelet watches the first folder; what is moved to the second one stops. One file system, so a move is atomic. */
const folders = 'manifests=/etc/kubernetes/manifests parked=/etc/kubernetes/blackstart-parked;';

/**
 * Puts the manifest back if it is away. When two do so at once, the one that comes second finds nothing to do.
 * The kubelet starts the pod again only when the old one has ended, for which kube-apiserver takes its whole grace period
 * of 30 s. So what still runs of the old pod is killed, or an early undo would have to wait for it.
 */
export const restore = [
  folders,
  'if [ -e "$parked/$1.yaml" ]; then',
  'old=$(crictl ps -q --label "io.kubernetes.pod.name=$1-$(hostname)" || true);',
  'if mv -f "$parked/$1.yaml" "$manifests/$1.yaml"; then',
  'for id in $old; do crictl stop -t 0 "$id" >/dev/null || true; done;',
  'elif [ -e "$parked/$1.yaml" ]; then exit 1; fi; fi',
].join(' ');

/** Two changes of one pod would park two manifests under one name: the first one, which is the pod's own, would be lost. */
const refuseParked = 'if [ -e "$parked/$target.yaml" ]; then echo "$target.yaml is parked already" >&2; exit 1; fi;';

/**
 * kube-apiserver stops listening at once when its manifest goes, but drains for its whole grace period of 30 s. So its
 * container is killed as soon as the kubelet has seen the change (0.2 s at most was seen): the outage is sharp.
 */
const park = [
  `${timerArguments} ${folders} ${refuseParked} test -f "$manifests/$target.yaml"; mkdir -p "$parked"; ${arm}`,
  'mv "$manifests/$target.yaml" "$parked/$target.yaml"; sleep 0.5;',
  'for id in $(crictl ps -q --label "io.kubernetes.pod.name=$target-$(hostname)"); do crictl stop -t 0 "$id" >/dev/null || true; done',
].join(' ');

/**
 * The first manifest is put away before the other one, from standard input, takes its place in one step: whenever this
 * ends, `restore` finds it. What ran is killed as for a park.
 */
const replace = [
  `${timerArguments} ${folders} ${refuseParked} test -f "$manifests/$target.yaml"; mkdir -p "$parked"; ${arm}`,
  'umask 077; cat > "$manifests/.$target.yaml";',
  'cp -p "$manifests/$target.yaml" "$parked/.$target.yaml"; mv "$parked/.$target.yaml" "$parked/$target.yaml";',
  'mv "$manifests/.$target.yaml" "$manifests/$target.yaml"; sleep 0.5;',
  'for id in $(crictl ps -q --label "io.kubernetes.pod.name=$target-$(hostname)"); do crictl stop -t 0 "$id" >/dev/null || true; done',
].join(' ');

const undo = `${restore}; unit=$2; ${disarm} rmdir "$parked" 2>/dev/null || true`;

const hash = `${folders} sha256sum < "$manifests/$1.yaml"`;

const inspect = `${folders} unit=$2; sha256sum < "$manifests/$1.yaml" || true; for file in "$parked"/*; do if [ -e "$file" ]; then echo "parked $file"; fi; done; ${listTimers}`;

/** Parks static pods by moving their manifests out of the kubelet's sight, and changes them. */
export function nodeStaticPods(node: string, run: Run): StaticPods {
  return {
    park: (name, withinMs): Change => ({
      describe: `park static pod ${name} on ${node}`,
      ...takingAway('park', node, name, run),
      apply: async () => {
        const unit = timerUnit('park', name);
        await runInNode(run, node, park, [name, String(Math.ceil(withinMs)), unit, restore]);
      },
    }),
    replace: (name, manifest, withinMs): Change => ({
      describe: `another manifest of static pod ${name} on ${node}`,
      ...takingAway('replace', node, name, run),
      apply: async () => {
        const args = [name, String(Math.ceil(withinMs)), timerUnit('replace', name), restore];
        const [docker = '', exec = '', ...rest] = nodeScript(node, replace, args);
        await run([docker, exec, '-i', ...rest], { timeoutMs: nodeTimeoutMs, input: manifest });
      },
    }),
    read: async (name) => await readManifest(node, name, run),
    add: (name, manifest, withinMs) => addStaticPod(node, { name, manifest, withinMs }, run),
  };
}

/** What a park and another manifest have in common: the first one is away, and comes back. */
function takingAway(
  what: 'park' | 'replace',
  node: string,
  name: string,
  run: Run,
): Omit<Change, 'describe' | 'apply'> {
  const unit = timerUnit(what, plainName(name));
  const undoArgv = nodeScript(node, undo, [name, unit]);
  let before = '';
  return {
    undo: { argv: undoArgv, timeoutMs: nodeTimeoutMs },
    needs: 'node',
    snapshot: async () => {
      before = (await runInNode(run, node, hash, [name])).trim();
    },
    verify: async () => {
      const now = await runInNode(run, node, inspect, [name, unit]);
      return leftovers(now, before, `static pod ${name} on ${node}`, pasteable(undoArgv));
    },
  };
}

function leftovers(found: string, hashBefore: string, pod: string, command: string): readonly Leftover[] {
  const lines = found.split('\n').filter((line) => line !== '');
  const rest = lines
    .filter((line) => line !== hashBefore)
    .map((line) => {
      const isHash = !/^(parked|timer) /.test(line);
      return { what: `${pod}: ${isHash ? 'its manifest is not what it was' : line}`, command };
    });
  return lines.includes(hashBefore) || rest.length > 0 ? rest : [{ what: `${pod}: its manifest is missing`, command }];
}
