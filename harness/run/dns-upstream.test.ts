import { expect, it } from 'vitest';
import type { KubeObject } from '../cluster/client.ts';
import type { Run } from '../core/command.ts';
import type { CacheUpstream } from '../experiment/spec.ts';
import { cachePorts } from '../plan/ports.ts';
import { dnsUpstreamChange, needsDnsUpstream } from './dns-upstream.ts';
import type { WorkloadsContext } from './workloads.ts';

const applied: KubeObject[] = [];
const run: Run = async (_argv, options) => {
  applied.push(...(JSON.parse(options?.input ?? '{}') as { items: KubeObject[] }).items);
  return { exitCode: 0, stdout: '', stderr: '' };
};

function contextWith(upstream: CacheUpstream): WorkloadsContext {
  const probe = {
    kind: 'node-dns-cache',
    holdMs: 20_000,
    serveStale: 'verify',
    forward: 'tcp',
    upstream,
    ...cachePorts(0),
  };
  return {
    plan: { lanes: [{ name: 'subject', probe }] },
    cluster: {
      kubectl: ['kubectl'],
      api: { get: async ({ name }: { name: string }) => applied.find(({ metadata }) => metadata.name === name) },
    },
    signal: new AbortController().signal,
    run,
  } as unknown as WorkloadsContext;
}

it('is needed by a cache that asks all CoreDNS pods', () => {
  expect(needsDnsUpstream(contextWith('all'))).toBe(true);
  expect(needsDnsUpstream(contextWith('ready'))).toBe(false);
});

it('is a Service with the CoreDNS pods that are not ready too, and left over until it is deleted', async () => {
  const change = dnsUpstreamChange(contextWith('all'));
  expect(await change.verify()).toEqual([]);
  await change.apply();
  expect(applied).toMatchObject([
    {
      kind: 'Service',
      metadata: { namespace: 'kube-system' },
      spec: { publishNotReadyAddresses: true, selector: { 'k8s-app': 'kube-dns' } },
    },
  ]);
  expect(change.undo.argv.slice(0, 5)).toEqual(
    'kubectl delete service/blackstart-dns-upstream -n kube-system'.split(' '),
  );
  expect(await change.verify()).toMatchObject([{ what: 'Service kube-system/blackstart-dns-upstream' }]);
});
