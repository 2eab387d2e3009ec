import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { kindConfig } from './config.ts';

const spec = { name: 'blackstart-a', workers: 3, coreDns: 'workers', nodePorts: [9500, 9520] } as const;

interface Config {
  readonly nodes: readonly {
    readonly role: string;
    readonly image?: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly extraPortMappings: readonly Readonly<Record<string, unknown>>[];
  }[];
}

test('the config has one control plane and as many workers as the spec asks for, all labelled as ours', () => {
  const { nodes } = parse(kindConfig(spec)) as Config;
  expect(nodes.map((node) => node.role)).toEqual(['control-plane', 'worker', 'worker', 'worker']);
  expect(nodes.every((node) => node.labels['blackstart/cluster'] === 'blackstart-a')).toBe(true);
});

test('every worker publishes every port on 127.0.0.1, at a port that Docker picks', () => {
  const { nodes } = parse(kindConfig(spec)) as Config;
  expect(nodes[0]?.extraPortMappings).toEqual([]);
  expect(nodes[3]?.extraPortMappings).toEqual([
    { containerPort: 9500, hostPort: -1, listenAddress: '127.0.0.1' },
    { containerPort: 9520, hostPort: -1, listenAddress: '127.0.0.1' },
  ]);
});

test('a cluster without workers has the control plane alone', () => {
  const { nodes } = parse(kindConfig({ ...spec, workers: 0 })) as Config;
  expect(nodes).toHaveLength(1);
});

test('what a user adds to the template is kept', () => {
  const template =
    'featureGates: {A: true}\nnodes: [{role: control-plane}, {role: worker, image: mine, labels: {a: b}}]';
  const config = parse(kindConfig(spec, template)) as Config & { featureGates: unknown };
  expect(config.featureGates).toEqual({ A: true });
  expect(config.nodes[2]).toMatchObject({ image: 'mine', labels: { a: 'b', 'blackstart/cluster': 'blackstart-a' } });
});
