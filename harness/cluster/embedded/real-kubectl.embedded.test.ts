/** What only a whole cluster can show of the real kubectl: rollouts, logs, waits, nodes. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { run } from '../../core/command.ts';
import type { Change } from '../../undo/change.ts';
import { doctor } from './doctor.ts';
import { embeddedBackend } from './embedded-backend.ts';

const canRun =
  (await doctor()).every((check) => check.status === 'ok') &&
  spawnSync('kubectl', ['version', '--client']).status === 0;

/** Says who it is once, and that it lives several times a second. */
const program = `console.log('here is ' + (process.env.NAME ?? 'nobody')); setInterval(() => console.log('tick'), 200);`;
const web = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { app: web } }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{ name: web, image: 'node:24', command: [node, -e, ${JSON.stringify(program)}] }]
`;
const worker = 'blackstart-kubectl-worker';

const story: readonly (readonly [command: string, prints: RegExp, input?: string])[] = [
  ['get nodes', /blackstart-kubectl-control-plane +Ready +control-plane .*\nblackstart-kubectl-worker +Ready +<none>/],
  ['apply -f -', /^deployment.apps\/web created$/, web],
  ['rollout status deploy/web --timeout=30s', /successfully rolled out$/],
  ['wait --for=condition=Available deploy/web --timeout=10s', /condition met$/],
  [
    'wait --for=condition=Ready pod -l app=web --timeout=10s',
    /^pod\/web-\S+ condition met\npod\/web-\S+ condition met$/,
  ],
  ['get pods', /^NAME +READY +STATUS +RESTARTS +AGE\nweb-\S+ +1\/1 +Running +0 /],
  ['get pods -o wide', /127\.\d+\.\d+\.\d+ +blackstart-kubectl-worker( +<none> +<none>)?$/],
  ['get pods -o yaml', /^apiVersion: v1\nitems:\n- apiVersion: v1\n {2}kind: Pod/],
  ['get pods -o json', /"phase": "Running"/],
  ['get pods -o name', /^pod\/web-\S+\npod\/web-\S+$/],
  ['get pods -o jsonpath={.items[*].spec.nodeName}', /^blackstart-kubectl-worker blackstart-kubectl-worker$/],
  ['get pods -o custom-columns=N:.metadata.name,P:.status.phase', /^N +P\nweb-\S+ +Running\n/],
  ['get pods -o go-template={{range(.items)}}{{.kind}},{{end}}', /^Pod,Pod,$/],
  ['get pods -A -l k8s-app=kube-dns', /^NAMESPACE .*\nkube-system +coredns-/],
  ['get deploy,rs,pods -l app=web', /deployment.apps\/web +2\/2 [^]*replicaset.apps\/web-[^]*pod\/web-/],
  ['logs deploy/web --tail=-1', /here is nobody\ntick/],
  ['logs -l app=web --tail=1', /^tick\ntick$/],
  ['set env deploy/web NAME=second', /env updated$/],
  ['rollout status deploy/web --timeout=30s', /successfully rolled out$/],
  ['logs deploy/web --tail=-1', /here is second/],
  ['rollout history deploy/web', /REVISION[^]*\n1 +<none>\n2 +<none>/],
  ['rollout undo deploy/web', /rolled back$/],
  ['rollout status deploy/web --timeout=30s', /successfully rolled out$/],
  ['logs deploy/web --tail=-1', /here is nobody/],
  ['rollout restart deploy/web', /restarted$/],
  ['rollout status deploy/web --timeout=30s', /successfully rolled out$/],
  ['describe pod -l app=web', /Status: +Running[^]*Events:[^]*Started/],
  ['describe deploy web', /2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable[^]*ScalingReplicaSet/],
  ['scale deploy web --replicas=0', /scaled$/],
  ['wait --for=delete pod -l app=web --timeout=20s', /condition met|no matching resources found|^$/],
  [`cordon ${worker}`, /cordoned$/],
  ['get nodes', /blackstart-kubectl-worker +Ready,SchedulingDisabled/],
  [`describe node ${worker}`, /Unschedulable: +true[^]*Ready +True/],
  ['scale deploy web --replicas=1', /scaled$/],
  ['get pods -l app=web --field-selector spec.nodeName= -o name', /^pod\/web-/],
  [`uncordon ${worker}`, /uncordoned$/],
  ['rollout status deploy/web --timeout=30s', /successfully rolled out$/],
  ['delete deploy web', /^deployment.apps "web" deleted/],
  ['cluster-info', /control plane.* is running at/],
  ['auth whoami', /kubernetes-admin/],
];

describe.runIf(canRun)('the real kubectl with the printed kubeconfig', () => {
  let root: string;
  let change: Change;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'bs-'));
    const backend = embeddedBackend({ clock: systemClock, stateFolder: root });
    const spec = { name: 'blackstart-kubectl', workers: 1, coreDns: 'workers', nodePorts: [] } as const;
    const context = { emit: () => undefined, signal: new AbortController().signal, runFolder: root };
    ({ change } = backend.create(spec, context));
    await change.snapshot();
    await change.apply();
    const { admin } = await backend.credentials(spec.name);
    env = { PATH: process.env['PATH'], KUBECONFIG: admin, HOME: root };
  }, 90_000);

  afterAll(async () => {
    await run(change.undo.argv);
    rmSync(root, { recursive: true, force: true });
  }, 60_000);

  /** What it prints: its output, or what it complains about. */
  const kubectl = async (command: string, input = ''): Promise<string> =>
    await new Promise((resolve) => {
      const args = command.split(' ');
      const child = execFile('kubectl', args, { env }, (_problem, out, err) => resolve((out + err).trim()));
      child.stdin?.end(input);
    });

  test('rolls out and back, waits, cordons, prints in every format', async () => {
    for (const [command, prints, input] of story) {
      const check = async (): Promise<void> => expect(await kubectl(command, input), command).toMatch(prints);
      // What is only read may lag behind: controllers and programs follow in their own time.
      await (/^(get|logs|describe) /.test(command) ? vi.waitFor(check, 10_000) : check());
    }
  }, 120_000);

  test('logs -f follows what a container writes', async () => {
    await kubectl('apply -f -', web);
    await kubectl('rollout status deploy/web --timeout=30s');
    const child = spawn('kubectl', ['logs', '-f', 'deploy/web', '--tail=-1'], { env });
    const ended = once(child, 'exit');
    const printed: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      printed.push(line);
      // More than the second that a rollout takes.
      if (printed.length === 20) break;
    }
    child.kill();
    await ended;
    expect(printed).toEqual(['here is nobody', ...Array.from({ length: 19 }, () => 'tick')]);
  }, 60_000);
});
