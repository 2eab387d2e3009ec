import { expect, it } from 'vitest';
import type { Run } from '../core/command.ts';
import { applyObjects, waitRolledOut } from './apply.ts';
import type { KubeObject } from './client.ts';

const object = (kind: string, name: string, namespace?: string): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...(namespace !== undefined && { namespace }) },
});

function recorder(): { run: Run; calls: { argv: string; names: string[] }[] } {
  const calls: { argv: string; names: string[] }[] = [];
  const run: Run = async (argv, options) => {
    const items = options?.input === undefined ? [] : (JSON.parse(options.input) as { items: KubeObject[] }).items;
    calls.push({ argv: argv.join(' '), names: items.map((item) => item.metadata.name) });
    return { exitCode: 0, stdout: '', stderr: '' };
  };
  return { run, calls };
}

it('applies namespaces first, and gives a namespace only to objects that name none', async () => {
  const { run, calls } = recorder();
  const objects = [object('Service', 'web'), object('Pod', 'other', 'shop'), object('Namespace', 'shop')];
  await applyObjects(objects, { kubectl: ['kubectl', '--kubeconfig', 'f'], run, namespace: 'default' });
  expect(calls.map(({ names }) => names)).toEqual([['shop', 'other'], ['web']]);
  expect(calls[0]?.argv).toMatch(/^kubectl --kubeconfig f apply --server-side .*-f -$/);
  expect(calls[0]?.argv).not.toContain('-n ');
  expect(calls[1]?.argv).toContain('-n default');
});

it('waits for workloads and for nothing else', async () => {
  const { run, calls } = recorder();
  const objects = [object('Deployment', 'web'), object('DaemonSet', 'cache', 'shop'), object('Service', 'web')];
  await waitRolledOut(objects, { kubectl: ['kubectl'], run, namespace: 'default' });
  expect(calls.map(({ argv }) => argv)).toEqual([
    'kubectl rollout status deployment/web -n default --timeout=180s',
    'kubectl rollout status daemonset/cache -n shop --timeout=180s',
  ]);
});
