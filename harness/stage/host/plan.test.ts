import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../client/types.ts';
import { addOns } from './add-ons.ts';
import { planCluster, readSpec, type HostSpec } from './plan.ts';
import { apiServer } from './static-pods.ts';

const spec: HostSpec = { name: 'blackstart-x', dataDir: '/data', workers: 2 };
const plan = planCluster(spec, 77);

describe('the plan of a cluster', () => {
  it('names nodes as kind does, and gives each an address', () => {
    expect(plan.nodes.map(({ name, role, address }) => [name, role, address])).toEqual([
      ['blackstart-x-control-plane', 'control-plane', '127.77.0.1'],
      ['blackstart-x-worker', 'worker', '127.77.0.2'],
      ['blackstart-x-worker2', 'worker', '127.77.0.3'],
    ]);
    expect(plan.nodes[1]?.folder).toBe('/data/nodes/blackstart-x-worker');
  });

  it.each([
    [{ ...spec, name: '../x' }, 'name'],
    [{ ...spec, dataDir: 'data' }, 'dataDir'],
    [{ ...spec, workers: 1.5 }, 'workers'],
    [{ ...spec, workers: 200 }, 'workers'],
    [{ ...spec, subnet: 15 }, 'subnet'],
    [{ ...spec, ownerPid: 0 }, 'ownerPid'],
    [{ ...spec, apiFlags: ['max-requests-inflight=1'] }, 'apiFlags'],
    [{}, 'name: .*; dataDir: .*; workers: '],
  ])('is not made from %j', (bad, what) => {
    expect(() => readSpec(JSON.stringify(bad))).toThrow(new RegExp(`--spec: ${what}`));
  });
});

describe('the static pod kube-apiserver', () => {
  it('is killed only after eight failed probes, as under kubeadm', () => {
    expect(containerOf(apiServer(plan))?.livenessProbe).toEqual({
      httpGet: { host: '127.77.0.1', path: '/livez', port: 6443, scheme: 'HTTPS' },
      initialDelaySeconds: 10,
      periodSeconds: 10,
      timeoutSeconds: 15,
      failureThreshold: 8,
    });
  });

  it('takes flags of the spec in place of ours', () => {
    const apiFlags = ['--max-requests-inflight=40', '--profiling'];
    const command = containerOf(apiServer({ ...plan, apiFlags }))?.command ?? [];
    expect(command.filter((word) => word.startsWith('--max-requests-inflight'))).toEqual([
      '--max-requests-inflight=40',
    ]);
    expect(command).toEqual(expect.arrayContaining(['--secure-port=6443', '--profiling=true', '--data-dir=/data']));
  });
});

describe('the add-ons', () => {
  it('begin with what others need', () => {
    expect(addOns(plan).map(({ kind }) => kind)).toEqual([
      'CustomResourceDefinition',
      'Namespace',
      'ServiceAccount',
      'ConfigMap',
      'Service',
      'Deployment',
    ]);
  });

  it('select the pods of CoreDNS by the label they have', () => {
    const [service, deployment] = addOns(plan)
      .slice(4)
      .map((object) => object['spec'] as Record<string, unknown>);
    const template = deployment?.['template'] as { metadata: { labels: unknown } };
    expect(service?.['selector']).toEqual(template.metadata.labels);
    expect(deployment?.['selector']).toEqual({ matchLabels: template.metadata.labels });
    expect(service?.['clusterIP']).toBe('127.77.200.10');
  });
});

function containerOf(pod: KubeObject): { command: string[]; livenessProbe: unknown } | undefined {
  return (pod['spec'] as { containers: { command: string[]; livenessProbe: unknown }[] }).containers[0];
}
