import { pasteable, type Run } from '../../core/command.ts';
import { BlackstartError } from '../../core/errors.ts';
import type { Change } from '../../undo/change.ts';
import { nodeScript, nodeTimeoutMs, plainName, runInNode } from './node-script.ts';
import { arm, disarm, listTimers, timerArguments, timerUnit } from './undo-timer.ts';

const folder = 'manifests=/etc/kubernetes/manifests;';

/**
 * The kubelet drains an API server for up to 30 s when its manifest goes; what still runs of it is killed, when the kubelet
 * has seen the change: before that it would start it again.
 */
export const remove = [
  folder,
  // Half written, when its writer was killed; a secret may be in it.
  'rm -f "$manifests/.$1.yaml";',
  'if [ -e "$manifests/$1.yaml" ]; then rm -f "$manifests/$1.yaml"; sleep 0.5; fi;',
  'for id in $(crictl ps -q --label "io.kubernetes.pod.name=$1-$(hostname)" || true); do crictl stop -t 0 "$id" >/dev/null || true; done',
].join(' ');

/** The kubelet ignores files that begin with a dot, and a move within a folder is atomic. */
const add = [
  `${timerArguments} ${folder} ${arm}`,
  'umask 077; cat > "$manifests/.$target.yaml"; mv "$manifests/.$target.yaml" "$manifests/$target.yaml"',
].join(' ');

const undo = `${remove}; unit=$2; ${disarm}`;

const read = `${folder} cat "$manifests/$1.yaml"`;

/** A container that runs without its manifest is left as well. */
const inspect = `${folder} unit=$2; for file in "$manifests/$1.yaml" "$manifests/.$1.yaml"; do if [ -e "$file" ]; then echo "$file"; fi; done; for id in $(crictl ps -q --label "io.kubernetes.pod.name=$1-$(hostname)"); do echo "container $id"; done; ${listTimers}`;

/** The text of a manifest in the kubelet's folder. */
export async function readManifest(node: string, name: string, run: Run): Promise<string> {
  return await runInNode(run, node, read, [plainName(name)]);
}

/** Writes a manifest into the kubelet's folder; its undo takes it away again. */
export function addStaticPod(
  node: string,
  { name, manifest, withinMs }: { readonly name: string; readonly manifest: string; readonly withinMs: number },
  run: Run,
): Change {
  const unit = timerUnit('add', plainName(name));
  const undoArgv = nodeScript(node, undo, [name, unit]);
  const look = async (): Promise<readonly string[]> =>
    (await runInNode(run, node, inspect, [name, unit])).split('\n').filter((line) => line !== '');
  return {
    describe: `add static pod ${name} on ${node}`,
    undo: { argv: undoArgv, timeoutMs: nodeTimeoutMs },
    needs: 'node',
    snapshot: async () => {
      const found = await look();
      if (found.length > 0) throw new BlackstartError('cluster', `On ${node} there is already ${found.join(', ')}`);
    },
    apply: async () => {
      const [docker = '', exec = '', ...rest] = nodeScript(node, add, [
        name,
        String(Math.ceil(withinMs)),
        unit,
        remove,
      ]);
      await run([docker, exec, '-i', ...rest], { timeoutMs: nodeTimeoutMs, input: manifest });
    },
    verify: async () =>
      (await look()).map((what) => ({ what: `static pod ${name} on ${node}: ${what}`, command: pasteable(undoArgv) })),
  };
}
