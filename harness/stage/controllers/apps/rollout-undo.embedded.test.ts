/** The real kubectl looks at the history of a DaemonSet, and goes back in it. */
import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { seededRandom } from '../../../core/random.ts';
import { startTestApi, type TestApi } from '../../api/testing/test-api.ts';
import { openClient } from '../../client/open-client.ts';
import { kubeconfig } from '../../pki/pki.ts';
import { startControllers } from '../start.ts';

const installed = spawnSync('kubectl', ['version', '--client']).status === 0;
const revisions = '/apis/apps/v1/namespaces/default/controllerrevisions';

let api: TestApi;
let stop: () => void;
beforeAll(async () => {
  api = await startTestApi();
  const { ca, admin, dataDir } = api.cluster;
  const server = api.server.url;
  writeFileSync(join(dataDir, 'config'), kubeconfig({ server, ca: ca.cert, ...admin, name: 'test' }), { mode: 0o600 });
  const client = openClient({ server, ca: ca.cert, ...admin, userAgent: 'kube-controller-manager' });
  const controllers = startControllers({
    client,
    rootCa: ca.cert,
    clock: systemClock,
    random: seededRandom(1),
    onError: () => undefined,
  });
  stop = () => {
    controllers.stop();
    client.close();
  };
});
afterAll(async () => {
  stop();
  await api.end();
});

async function kubectl(command: string, input = ''): Promise<string> {
  const { dataDir } = api.cluster;
  const env = { PATH: process.env['PATH'], KUBECONFIG: join(dataDir, 'config'), HOME: dataDir };
  return await new Promise((resolve) => {
    const child = execFile('kubectl', command.split(' '), { env }, (_problem, out, err) => resolve((out + err).trim()));
    child.stdin?.end(input);
  });
}

const daemonSet = (cause: string, image: string): string => `apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent, annotations: { kubernetes.io/change-cause: ${cause} } }
spec:
  selector: { matchLabels: { app: agent } }
  template:
    metadata: { labels: { app: agent } }
    spec: { containers: [{ name: main, image: '${image}', env: [{ name: A, value: '' }, { name: B, value: '1' }] }] }
`;

async function revisionNumbers(): Promise<number[]> {
  const items = (await api.call('GET', revisions)).object['items'] as { revision: number }[];
  return items.map(({ revision }) => revision).toSorted((a, b) => a - b);
}

async function untilRevisions(...numbers: number[]): Promise<void> {
  await expect.poll(revisionNumbers, { timeout: 10_000 }).toEqual(numbers);
}

const image = 'get daemonset agent -o jsonpath={.spec.template.spec.containers[*].image}';

test.skipIf(!installed)(
  'kubectl rollout history and undo of a DaemonSet',
  async () => {
    await kubectl('apply -f -', daemonSet('first', 'node:22'));
    await untilRevisions(1);
    await kubectl('apply -f -', daemonSet('second', 'node:24'));
    await untilRevisions(1, 2);
    expect(await kubectl('rollout history daemonset/agent')).toMatch(/\n1 +first\n2 +second$/);
    expect(await kubectl('rollout history daemonset/agent --revision=1')).toContain('node:22');
    expect(await kubectl('rollout undo daemonset/agent')).toBe('daemonset.apps/agent rolled back');
    expect(await kubectl(image)).toBe('node:22');
    await untilRevisions(2, 3);
    expect(await kubectl('get controllerrevisions')).toMatch(/agent-\w+ +daemonset.apps\/agent +3 /);
    expect(await kubectl('rollout undo daemonset/agent --to-revision=2')).toBe('daemonset.apps/agent rolled back');
    expect(await kubectl(image)).toBe('node:24');
    await untilRevisions(3, 4);
    expect(await kubectl('rollout undo daemonset/agent --to-revision=9')).toContain(
      'unable to find specified revision 9',
    );
  },
  60_000,
);
