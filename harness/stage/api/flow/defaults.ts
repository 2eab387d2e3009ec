import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { KubeObject } from '../../client/types.ts';

type Kind = 'PriorityLevelConfiguration' | 'FlowSchema';

const specs = parse(readFileSync(new URL('defaults.yaml', import.meta.url), 'utf8')) as Record<
  Kind,
  Record<string, object>
>;

/** The objects that a new cluster has. */
export const defaultPriorityLevels = objectsOf('PriorityLevelConfiguration');
export const defaultFlowSchemas = objectsOf('FlowSchema');

function objectsOf(kind: Kind): readonly KubeObject[] {
  const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';
  return Object.entries(specs[kind]).map(([name, spec]) => ({ apiVersion, kind, metadata: { name }, spec }));
}
