import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { ClusterSpec } from '../cluster.ts';

const node = z.looseObject({
  role: z.enum(['control-plane', 'worker']),
  labels: z.record(z.string(), z.string()).default({}),
  extraPortMappings: z.array(z.unknown()).default([]),
});
const template = z.looseObject({ nodes: z.array(node) });

type ConfigNode = z.infer<typeof node>;

/** The kind config for a cluster, from the template in `manifests/kind/cluster.yaml`. */
export function kindConfig(spec: ClusterSpec, text = readTemplate()): string {
  const config = template.parse(parse(text));
  const labelled = config.nodes.map((one) => ({
    ...one,
    labels: { ...one.labels, 'blackstart/cluster': spec.name },
  }));
  const controlPlanes = labelled.filter((one) => one.role === 'control-plane');
  const worker = labelled.find((one) => one.role === 'worker') ?? { ...controlPlanes[0], role: 'worker' };
  const workers = Array.from({ length: spec.workers }, () => withPorts(worker as ConfigNode, spec.nodePorts));
  return stringify({ ...config, nodes: [...controlPlanes, ...workers] }, { aliasDuplicateObjects: false });
}

/** Host port -1: Docker itself picks a free one, so that clusters that are made at the same time never take the same. */
function withPorts(worker: ConfigNode, ports: readonly number[]): ConfigNode {
  const published = ports.map((port) => ({ containerPort: port, hostPort: -1, listenAddress: '127.0.0.1' }));
  return { ...worker, extraPortMappings: [...worker.extraPortMappings, ...published] };
}

function readTemplate(): string {
  return readFileSync(new URL('../../../manifests/kind/cluster.yaml', import.meta.url), 'utf8');
}
