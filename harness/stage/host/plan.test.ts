import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../client/types.ts';
import { addOns } from './bring-up.ts';
import { planCluster, type HostSpec } from './plan.ts';
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

  it('is not made with more workers than addresses', () => {
    expect(() => planCluster({ ...spec, workers: 101 }, 77)).toThrow('at most 100 workers');
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
});

describe('the add-ons', () => {
  it('begin with what others need', () => {
    expect(addOns(plan).map(({ kind }) => kind)).toEqual([
      'CustomResourceDefinition',
      'ClusterRoleBinding',
      'ClusterRoleBinding',
      'ClusterRole',
      'ClusterRoleBinding',
      'Namespace',
      'ServiceAccount',
      'ConfigMap',
      'Service',
      'Deployment',
    ]);
  });

  it('select the pods of CoreDNS by the label they have', () => {
    const [service, deployment] = addOns(plan)
      .slice(-2)
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
