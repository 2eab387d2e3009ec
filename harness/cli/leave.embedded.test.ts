import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { fakeMachine, type FakeMachine } from './fake-programs.ts';

const docker = `case "$1" in
  info) echo '{"ServerVersion":"28","CgroupVersion":"2"}' ;;
  ps) cat "$ROOT/containers" 2>/dev/null || true ;;
esac`;

/** A kind whose creation fails when it does not hang itself, and one subcommand that never ends, not even by SIGTERM. */
const kind = (hangs: string): string => `[ "$1" = version ] && echo 'kind v0.30.0 go1.24' && exit 0
if [ "$1" = ${hangs} ]; then trap '' TERM INT; echo $$ >"$ROOT/hanging"; exec sleep 120; fi
if [ "$1" = create ]; then echo abc >"$ROOT/containers"; echo 'ERROR: failed' >&2; exit 1; fi`;

/** Resolves as soon as something hangs. */
async function hanging({ root }: FakeMachine): Promise<void> {
  const read = (): string => /\d+\n/.exec(readFileSync(join(root, 'hanging'), 'utf8'))?.[0] ?? '';
  const pid = await vi.waitUntil(() => existsSync(join(root, 'hanging')) && Number(read()), { timeout: 15_000 });
  onTestFinished(() => void process.kill(pid, 'SIGKILL'));
}

test.each([
  ['the cluster is created', 'create'],
  ['the logs of nodes that did not come up are kept', 'export'],
  ['the cluster is deleted', 'delete'],
])('a second Ctrl-C leaves at once while %s, with every command that is left', async (_, hangs) => {
  const machine = fakeMachine({ docker, kubectl: '', helm: '', kind: kind(hangs) });
  onTestFinished(() => rmSync(machine.root, { recursive: true }));
  const { child, output } = machine.start('run', 'apiserver-kill', '--runs', machine.runs);
  onTestFinished(() => void child.kill('SIGKILL'));
  await hanging(machine);
  // As if faults had been injected: what is printed comes from the log.
  const entry = { state: 'planned', id: 7, describe: 'park kube-apiserver', needs: 'node' };
  const undo = { argv: ['docker', 'exec', 'node', 'restore'], timeoutMs: 1_000 };
  appendFileSync(join(machine.runs, 'latest', 'undo.jsonl'), `${JSON.stringify({ ...entry, undo })}\n`);
  const again = setInterval(() => child.kill('SIGINT'), 100);
  onTestFinished(() => clearInterval(again));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  expect(exitCode, output()).toBe(130);
  const name = /kind delete cluster --name (\S+)/.exec(output())?.[1] ?? '';
  expect(output()).toContain(`Leaving now.`);
  expect(output().split('\n').slice(-5)).toEqual([
    '  park kube-apiserver',
    '    docker exec node restore',
    `  create cluster ${name}`,
    `    kind delete cluster --name ${name} --kubeconfig ${machine.root}/blackstart/clusters/${name}/admin.conf`,
    '',
  ]);
});
