import { expect, onTestFinished, test, vi } from 'vitest';
import { chaosMeshVersion, installChaosMesh } from './chaos-mesh.ts';
import type { Cluster } from './cluster.ts';
import { fakeRun } from './kind/fake-run.ts';

const here = import.meta.filename;
const missing = { exitCode: 1, stderr: 'Error: release: not found' };

const pod = (component: string): unknown => ({
  metadata: { labels: { 'app.kubernetes.io/component': component } },
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
});

function cluster(daemons = 1): Cluster {
  const image = 'ghcr.io/chaos-mesh/chaos-mesh:v2.8.4';
  const deployment = { spec: { template: { spec: { containers: [{ image }] } } } };
  const pods = [pod('controller-manager'), ...Array.from({ length: daemons }, () => pod('chaos-daemon'))];
  const api = {
    get: async () => await Promise.resolve(deployment),
    list: async ({ kind }: { kind: string }) => await Promise.resolve(kind === 'Node' ? [{}] : pods),
  };
  return { api, credentials: { admin: '/state/admin.conf', breakGlass: '' } } as unknown as Cluster;
}

/** The description that the first installation gave to its release. */
function descriptionIn(calls: readonly string[]): string {
  return /--description '([^']+)'/.exec(calls.join('\n'))?.[1] ?? '';
}

test('the chart is installed with our kubeconfig and waited for; the version is that of the controller', async () => {
  const { run, calls } = fakeRun({ 'helm status': missing });
  expect(await installChaosMesh({ cluster: cluster(), chart: here, run })).toBe('2.8.4');
  expect(calls[1]).toContain(`helm upgrade --install chaos-mesh ${here} --values`);
  expect(calls[1]).toContain('--namespace chaos-mesh --kubeconfig /state/admin.conf --create-namespace --wait');
});

test('what helm says is handed on, but for its summary', async () => {
  const says =
    'Release "chaos-mesh" does not exist. Installing it now.\n\nNAME: chaos-mesh\nSTATUS: deployed\nNOTES:\n1. x';
  const { run } = fakeRun({ 'helm status': missing, 'helm upgrade': says });
  const heard: string[] = [];
  await installChaosMesh({ cluster: cluster(), chart: here, run, onProgress: (line) => heard.push(line) });
  expect(heard).toEqual(['Release "chaos-mesh" does not exist. Installing it now.']);
});

test('without a chart of the user the pinned release comes from its repository', async () => {
  vi.stubEnv('BLACKSTART_CHAOS_MESH_CHART', '');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { run, calls } = fakeRun({ 'helm status': missing });
  await installChaosMesh({ cluster: cluster(), run });
  expect(calls[1]).toMatch(/chaos-mesh --repo https:\/\/\S+ --version \d+\.\d+\.\d+ /);
});

test.each([
  ['the same settings and all pods ready: nothing to do', 'deployed', 1, false],
  ['a daemon is missing', 'deployed', 0, true],
  ['the last installation failed', 'failed', 1, true],
])('%s', async (_, status, daemons, installs) => {
  const first = fakeRun({ 'helm status': missing });
  await installChaosMesh({ cluster: cluster(), chart: here, run: first.run });
  const description = descriptionIn(first.calls);
  const { run, calls } = fakeRun({ 'helm status': JSON.stringify({ info: { status, description } }) });
  await installChaosMesh({ cluster: cluster(daemons), chart: here, run });
  expect(calls.some((call) => call.startsWith('helm upgrade'))).toBe(installs);
});

test('other settings are installed anew', async () => {
  const { run, calls } = fakeRun({ 'helm status': '{"info":{"status":"deployed","description":"blackstart 00"}}' });
  await installChaosMesh({ cluster: cluster(), chart: here, run });
  expect(calls.some((call) => call.startsWith('helm upgrade'))).toBe(true);
});

test('a release that was left half installed is taken away first', async () => {
  const { run, calls } = fakeRun({ 'helm status': '{"info":{"status":"pending-install"}}' });
  await installChaosMesh({ cluster: cluster(), chart: here, run });
  expect(calls.map((call) => call.split(' ')[1])).toEqual(['status', 'uninstall', 'upgrade']);
});

test('a chart that is not there is told before helm is called', async () => {
  const { run, calls } = fakeRun({});
  await expect(installChaosMesh({ cluster: cluster(), chart: '/nowhere', run })).rejects.toMatchObject({
    code: 'environment',
    message: 'There is no Chaos Mesh chart at /nowhere',
  });
  expect(calls).toEqual([]);
});

test('a cluster without Chaos Mesh has no version of it', async () => {
  const api = { get: async () => await Promise.resolve(undefined) };
  await expect(chaosMeshVersion({ api } as unknown as Cluster)).rejects.toThrow('not installed');
});
