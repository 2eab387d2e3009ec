import { pasteable, type Run } from '../../core/command.ts';
import { BlackstartError } from '../../core/errors.ts';
import type { Change } from '../../undo/change.ts';
import type { PodTraffic, RejectedTraffic } from '../cluster.ts';
import { nodeScript, nodeTimeoutMs, runInNode } from './node-script.ts';

/** A chain of our own: what is in it is ours, and goes with it. */
const chain = 'chain=BLACKSTART-REJECT;';

/**
 * One rule per pod with the label, by the address that the runtime gave it. Pods with the node's own address are left
 * out: a rule for them would hit the kubelet. FORWARD is what pods pass through; the node itself does not.
 */
const fill = [
  'iptables -w -F "$chain";',
  'for id in $(crictl pods -q --state ready --label "$1"); do',
  'ip=$(crictl inspectp -o go-template --template "{{.status.network.ip}}" "$id" 2>/dev/null || true);',
  'case "$ip" in ""|"<no value>") continue;; esac;',
  'if hostname -I | tr " " "\\n" | grep -qx -- "$ip"; then continue; fi;',
  'iptables -w -A "$chain" -s "$ip" -d "$2" -p tcp --dport "$3" -j REJECT --reject-with tcp-reset;',
  'done; iptables -w -S "$chain"',
].join(' ');

const reject = [
  `set -e; ${chain} iptables -w -N "$chain" 2>/dev/null || true;`,
  'iptables -w -C FORWARD -j "$chain" 2>/dev/null || iptables -w -I FORWARD 1 -j "$chain";',
  fill,
].join(' ');

const renew = `set -e; ${chain} ${fill}`;

/** Safe to run twice, and where nothing was rejected. */
const undo = [
  `${chain} while iptables -w -D FORWARD -j "$chain" 2>/dev/null; do :; done;`,
  'iptables -w -F "$chain" 2>/dev/null || true; iptables -w -X "$chain" 2>/dev/null || true;',
  // What cannot be asked has not said that nothing is left.
  'rules=$(iptables -w -S) || exit 1; case "$rules" in *"$chain"*) exit 1;; esac',
].join(' ');

const inspect = `${chain} rules=$(iptables -w -S) || exit 1; echo "$rules" | grep -- "$chain" || true`;

/** Rejects what pods send, in the node's own packet filter: works with the API down. */
export function podTraffic(node: string, run: Run): PodTraffic {
  const undoArgv = nodeScript(node, undo);
  const look = async (): Promise<readonly string[]> =>
    (await runInNode(run, node, inspect)).split('\n').filter((line) => line !== '');
  return {
    reject: (what): Change => ({
      describe: `reject traffic of pods ${what.label} to ${what.address}:${what.port} on ${node}`,
      undo: { argv: undoArgv, timeoutMs: nodeTimeoutMs },
      needs: 'node',
      snapshot: async () => {
        const found = await look();
        if (found.length > 0)
          throw new BlackstartError('cluster', `On ${node} traffic is rejected already: ${found[0]}`);
      },
      apply: async () => {
        await runInNode(run, node, reject, argumentsOf(what));
      },
      verify: async () =>
        (await look()).map((rule) => ({ what: `iptables on ${node}: ${rule}`, command: pasteable(undoArgv) })),
    }),
    renewReject: async (what) => {
      await runInNode(run, node, renew, argumentsOf(what));
    },
  };
}

function argumentsOf({ label, address, port }: RejectedTraffic): readonly string[] {
  const isPlain = /^[\w./-]+=[\w.-]+$/.test(label) && /^[\d.]+$/.test(address);
  if (!isPlain) throw new BlackstartError('internal', `'${label}' to '${address}' is not a plain label and address`);
  return [label, address, String(port)];
}
