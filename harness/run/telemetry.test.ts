import { expect, it } from 'vitest';
import type { KubeObject } from '../cluster/client.ts';
import { systemClock } from '../core/clock.ts';
import type { Run } from '../core/command.ts';
import type { TelemetrySpec } from '../experiment/spec.ts';
import { telemetryChange } from './telemetry.ts';
import { telemetryObjects } from './telemetry-objects.ts';
import type { WorkloadsContext } from './workloads.ts';

const telemetry: TelemetrySpec = {
  fakeNodes: 200,
  podsPerNode: 20,
  fairness: 'shared',
  agent: {
    mode: 'watch',
    resource: 'pods',
    interval: '20s',
    jitter: 0.2,
    concurrency: 1,
    timeout: '60s',
    retry: 'none',
    readBytesPerS: 4e6,
    nodes: 1_000,
  },
};

function contextOf(changes: Partial<TelemetrySpec> | null, left: readonly KubeObject[] = []) {
  const applied: KubeObject[] = [];
  const run: Run = async (_argv, options) => {
    applied.push(...(JSON.parse(options?.input ?? '{}') as { items: KubeObject[] }).items);
    return { exitCode: 0, stdout: '', stderr: '' };
  };
  const context = {
    plan: { cluster: { telemetry: changes && { ...telemetry, ...changes } } },
    cluster: {
      nodes: [
        { name: 'cp', role: 'control-plane', address: '172.18.0.2' },
        { name: 'w1', role: 'worker', address: '172.18.0.3' },
        { name: 'w2', role: 'worker', address: '172.18.0.4' },
      ],
      kubectl: ['kubectl'],
      api: {
        get: async () => undefined,
        list: async ({ kind }: { kind: string }) => left.filter((one) => one.kind === kind),
      },
    },
    signal: new AbortController().signal,
    clock: systemClock,
    run,
  } as unknown as WorkloadsContext;
  return { context, applied };
}

const kindsOf = (objects: readonly KubeObject[]): readonly string[] => objects.map(({ kind }) => kind).toSorted();

it('has nothing for a plan without telemetry', () => {
  expect(telemetryObjects(contextOf(null).context)).toEqual([]);
});

it('gives the agents their harmless configuration, and the nodes to each worker that are its share', () => {
  const objects = telemetryObjects(contextOf({}).context);
  const agent = objects.find(({ kind }) => kind === 'DaemonSet') as KubeObject;
  const { template } = agent.spec as { readonly template: KubeObject };
  const config = template.metadata.annotations?.['blackstart.dev/agent-config'] ?? '';
  expect(JSON.parse(config)).toMatchObject({ mode: 'watch', nodes: 500, intervalMs: 20_000 });
  expect(JSON.stringify(agent)).toContain('https://172.18.0.2:6443');
});

it('leaves out what is not asked for', () => {
  const kinds = kindsOf(telemetryObjects(contextOf({ fakeNodes: 0, fairness: 'default' }).context));
  expect(kinds).not.toContain('FlowSchema');
  expect(kinds).not.toContain('Deployment');
  expect(kindsOf(telemetryObjects(contextOf({ fairness: 'by-user' }).context))).toContain('FlowSchema');
});

it('labels everything outside our namespace, so that one command takes it away', async () => {
  const { context, applied } = contextOf({});
  const change = telemetryChange(context);
  await change.apply();
  expect(kindsOf(applied)).toEqual([
    'ClusterRole',
    'ClusterRole',
    'ClusterRoleBinding',
    'ClusterRoleBinding',
    'FlowSchema',
    'Namespace',
    'PriorityLevelConfiguration',
  ]);
  expect(applied.every(({ metadata }) => metadata.labels?.['blackstart.dev/telemetry'] === 'true')).toBe(true);
  const undo = change.undo.argv.join(' ');
  expect(undo).toMatch(/^kubectl delete nodes,namespaces,.*flowschemas.* -l blackstart.dev\/telemetry=true/);
});

it('names what is left after the undo', async () => {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'blackstart-fake-0001' } };
  const leftovers = await telemetryChange(contextOf({}, [node]).context).verify();
  expect(leftovers).toMatchObject([{ what: 'Node blackstart-fake-0001' }]);
  expect(await telemetryChange(contextOf({}).context).verify()).toEqual([]);
});
