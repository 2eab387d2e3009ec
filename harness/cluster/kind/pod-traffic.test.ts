import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { fakeRun } from './fake-run.ts';
import { podTraffic } from './pod-traffic.ts';

const what = { label: 'app.kubernetes.io/name=telemetry-agent', address: '172.18.0.2', port: 6443 };

function rejecting(...answers: string[]) {
  const { run, calls } = fakeRun({ 'docker exec n sh -c': () => answers.shift() ?? '' });
  return { traffic: podTraffic('n', run), calls };
}

test('only what pods with the label send to that address and port is rejected, in a chain of our own', async () => {
  const { traffic, calls } = rejecting('');
  const change = traffic.reject(what);
  await change.snapshot();
  await change.apply();
  const [, script = ''] = calls;
  expect(script).toContain('-I FORWARD 1 -j "$chain"');
  expect(script).toContain('-s "$ip" -d "$2" -p tcp --dport "$3" -j REJECT');
  // The node's own addresses are never rejected: those are the kubelet's.
  expect(script).toContain('hostname -I');
  expect(script).toMatch(/ sh app\.kubernetes\.io\/name=telemetry-agent 172\.18\.0\.2 6443$/);
});

test('the undo takes chain and jump away, and can be run where there is none', () => {
  const { argv } = rejecting().traffic.reject(what).undo;
  expect(argv[5]).toMatch(
    /while iptables -w -D FORWARD -j "\$chain" 2>\/dev\/null; do :; done;.* -X "\$chain" .*\|\| true/,
  );
});

test('a rule that is left is told', async () => {
  const change = rejecting('-A FORWARD -j BLACKSTART-REJECT\n').traffic.reject(what);
  expect(await change.verify()).toMatchObject([{ what: 'iptables on n: -A FORWARD -j BLACKSTART-REJECT' }]);
});

test.each([
  ['fails', 'iptables() { echo locked >&2; return 4; }', 1, ''],
  ['tells of none', 'iptables() { echo "-P FORWARD ACCEPT"; }', 0, ''],
  ['tells of one', 'iptables() { echo "-N BLACKSTART-REJECT"; }', 0, '-N BLACKSTART-REJECT\n'],
])('a look whose iptables %s', async (_, iptables, exitCode, found) => {
  const { traffic, calls } = rejecting();
  await traffic.reject(what).verify();
  const script = /sh -c '(.*)' sh$/s.exec(calls[0] ?? '')?.[1] ?? '';
  const ran = spawnSync('sh', ['-c', `${iptables}\n${script}`], { encoding: 'utf8' });
  expect([ran.status, ran.stdout]).toEqual([exitCode, found]);
});

test.each([
  ['cannot tell', '*) return 4;;', 1],
  ['tells of a rule that stayed', '-w-S) echo "-N BLACKSTART-REJECT";; *) return 1;;', 1],
  ['tells of none', '-w-S) echo "-P FORWARD ACCEPT";; *) return 1;;', 0],
])('an undo whose iptables %s', (_, cases, exitCode) => {
  const { argv } = rejecting().traffic.reject(what).undo;
  const ran = spawnSync('sh', ['-c', `iptables() { case "$1$2" in ${cases} esac; }\n${argv[5]}`]);
  expect(ran.status).toBe(exitCode);
});

test('rules of somebody else who does the same are not touched', async () => {
  await expect(rejecting('-N BLACKSTART-REJECT').traffic.reject(what).snapshot()).rejects.toThrow('rejected already');
});

test('what is no label or address never comes near a shell', () => {
  const { traffic } = rejecting();
  return expect(traffic.reject({ ...what, label: '$(reboot)' }).apply()).rejects.toThrow('is not a plain label');
});
