import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, type TestContext } from 'vitest';
import { blackstart, runExperiment, startExperiment, type FinishedRun } from '../blackstart.ts';
import { summary, untilJudged } from '../judged-run.ts';

/**
 * The main path and the variants that matter most, on a real kind cluster with real Chaos Mesh. One cluster serves all
 * of them, in this order; it is made by the first and deleted at the end.
 */
let cluster = '';
const superAdmin = '/etc/kubernetes/super-admin.conf';

function docker(...args: readonly string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8' });
}

function signalProber(node: string, signal: 'STOP' | 'CONT'): void {
  const pid = 'crictl inspect -o go-template --template "{{.info.pid}}" $(crictl ps -q --name "^prober$")';
  docker('exec', node, 'sh', '-c', `kill -${signal} $(${pid})`);
}

async function runJudged(context: TestContext, ...args: readonly string[]): Promise<FinishedRun> {
  return await untilJudged(context, async () => {
    const run = await runExperiment(...args, ...(cluster === '' ? ['--keep'] : onCluster()));
    rememberCluster(run);
    return run;
  });
}

function rememberCluster({ events }: FinishedRun): void {
  const ready = events.find((event) => event.type === 'cluster-ready');
  if (ready?.type === 'cluster-ready') cluster = ready.name;
}

const onCluster = (): readonly string[] => ['--cluster', cluster];

afterAll(() => {
  if (cluster !== '') execFileSync('kind', ['delete', 'cluster', '--name', cluster], { stdio: 'ignore' });
});

describe('apiserver-kill on a new cluster', () => {
  test('a container-kill is confirmed and the data plane holds', async (context) => {
    const run = await runJudged(context, 'apiserver-kill');
    expect([run.exitCode, run.result.verdict], summary(run)).toEqual([0, 'pass']);
    expect(run.result.faults[0]).toMatchObject({ kills: 1, confirmation: 'confirmed' });
  });
});

describe('dns-cache-expiry', () => {
  test('passes with its defaults, with everything confirmed and nothing left behind', async (context) => {
    const run = await runJudged(context, 'dns-cache-expiry');
    expect([run.exitCode, run.result.verdict], summary(run)).toEqual([0, 'pass']);
    expect(run.result).toMatchObject({ clean: true, leftovers: [], interrupted: false });
    expect(run.result.faults.map(({ name, confirmation }) => [name, confirmation])).toEqual([
      ['coredns-pod-kill', 'confirmed'],
      ['apiserver-container-kill', 'confirmed'],
      ['apiserver-down', 'confirmed'],
      ['coredns-restart', 'confirmed'],
    ]);
    expect(run.result.measures.overheadMs.own).toBeLessThanOrEqual(10_000);
    expect(run.output.trimEnd().split('\n').at(-1)).toContain(run.result.reason.split('\n').at(-1));
  });

  test('judging the stored run again gives the same bytes', async (context) => {
    const run = await runJudged(context, 'dns-cache-expiry', '--set', 'lanes.subject.serveStale=off');
    expect([run.exitCode, run.result.reasonCode], summary(run)).toEqual([1, 'budget']);
    const copy = mkdtempSync(join(tmpdir(), 'blackstart-copy-'));
    cpSync(run.folder, copy, { recursive: true });
    const before = execFileSync('sha256sum', [join(run.folder, 'result.json')], { encoding: 'utf8' }).slice(0, 64);
    writeFileSync(join(copy, 'result.json'), '');
    expect((await blackstart('report', copy)).exitCode).toBe(1);
    expect(execFileSync('sha256sum', [join(copy, 'result.json')], { encoding: 'utf8' }).slice(0, 64)).toBe(before);
  });

  test('a fault that is sabotaged makes the run inconclusive and is named', async () => {
    const run = await runExperiment('dns-cache-expiry', ...onCluster(), '--sabotage=apiserver-down');
    expect([run.exitCode, run.result.reasonCode], summary(run)).toEqual([2, 'unconfirmed-fault']);
    expect(run.result.reason).toContain('apiserver-down');
  });

  test('Ctrl-C during the outage undoes everything and exits with 130', async () => {
    const running = startExperiment('dns-cache-expiry', ...onCluster());
    await running.seen(/fault apiserver-down: confirmed/i);
    running.child.kill('SIGINT');
    const run = await running.finished;
    expect([run.exitCode, run.result.reasonCode], summary(run)).toEqual([130, 'interrupted']);
    expect(run.result).toMatchObject({ verdict: 'inconclusive', interrupted: true, clean: true });
    const parked = docker('exec', `${cluster}-control-plane`, 'ls', '/etc/kubernetes/manifests');
    expect(parked).toContain('kube-apiserver.yaml');
  });
});

describe('apiserver-kill', () => {
  test('a prober that stops in the middle leaves a gap that is not judged over', async () => {
    const running = startExperiment('apiserver-kill', ...onCluster(), '--set', 'action=hang');
    await running.seen(/fault apiserver-kill: confirmed/i);
    const node = `${cluster}-worker`;
    signalProber(node, 'STOP');
    await running.seen(/phase heal/);
    signalProber(node, 'CONT');
    const run = await running.finished;
    expect([run.exitCode, run.result.reasonCode], summary(run)).toEqual([2, 'gap']);
    expect(run.result.lanes['subject']?.gaps.map((gap) => gap.node)).toContain(node);
  });

  test('the selector of the article selects nothing, and that is said', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'blackstart-chaos-')), 'podchaos.yaml');
    writeFileSync(
      file,
      `apiVersion: chaos-mesh.org/v1alpha1
kind: PodChaos
metadata: { name: kill-apiserver, namespace: chaos-mesh }
spec:
  action: pod-kill
  mode: one
  selector: { namespaces: [kube-system], labelSelectors: { app: kube-apiserver } }
`,
    );
    const run = await runExperiment('apiserver-kill', ...onCluster(), '--set', `file=${file}`);
    expect([run.exitCode, run.result.reasonCode], summary(run)).toEqual([2, 'unconfirmed-fault']);
    expect(run.result.reason).toContain('selected nothing');
  });

  test('a pod-kill only deletes the mirror pod: unconfirmed, naming the container that did not change', async () => {
    const run = await runExperiment('apiserver-kill', ...onCluster(), '--set', 'action=pod-kill');
    expect([run.exitCode, run.result.reasonCode], summary(run)).toEqual([2, 'unconfirmed-fault']);
    expect(run.result.reason).toMatch(/kept its id and start time/);
  });
});

describe('telemetry-overload', () => {
  test('locks the admin out, breaks what is not protected, and takes everything of its own away again', async (context) => {
    const run = await runJudged(context, 'telemetry-overload');
    expect([run.exitCode, run.result.verdict], summary(run)).toEqual([0, 'pass']);
    expect(run.result).toMatchObject({ clean: true, leftovers: [] });
    expect(run.result.measures.lockOuts['admin-patch']?.durationMs).toBeGreaterThanOrEqual(30_000);
    expect(run.result.measures.detectionLeadMs).toBeGreaterThan(0);
    const nodes = docker('exec', `${cluster}-control-plane`, 'kubectl', '--kubeconfig', superAdmin, 'get', 'nodes');
    expect(nodes.trim().split('\n')).toHaveLength(4);
  });
});

test('a cluster that is not ours is refused', async () => {
  const { exitCode, output } = await blackstart('run', 'apiserver-kill', '--cluster', 'kind');
  expect(exitCode, output).toBe(64);
});
