import { parseQuantity } from './quantity.ts';
import type { Container, FieldRef, Pod } from './pod.ts';

/** What a pod can learn about itself and its node. */
export interface PodFacts {
  readonly pod: Pod;
  readonly podIp: string;
  readonly hostIp: string;
  /** Stand in for limits that a container does not have. */
  readonly allocatable: Readonly<Record<string, string>>;
}

/** The value of a `fieldRef`; undefined for a field that pods cannot ask for. */
export function fieldValue({ fieldPath }: FieldRef, { pod, podIp, hostIp }: PodFacts): string | undefined {
  const { metadata, spec } = pod;
  const [, map, key] = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(fieldPath) ?? [];
  if (key !== undefined) return metadata[map as 'labels' | 'annotations']?.[key] ?? '';
  const fields: Record<string, string | undefined> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'metadata.labels': lines(metadata.labels),
    'metadata.annotations': lines(metadata.annotations),
    'spec.nodeName': spec.nodeName,
    'spec.serviceAccountName': spec.serviceAccountName ?? 'default',
    'status.podIP': podIp,
    'status.podIPs': podIp,
    'status.hostIP': hostIp,
    'status.hostIPs': hostIp,
  };
  return fields[fieldPath];
}

/** The value of a `resourceFieldRef` such as `limits.memory`, in units of its divisor, rounded up. */
export function resourceValue(
  { resource, divisor = '1' }: { resource: string; divisor?: string | number },
  container: Container,
  { allocatable }: PodFacts,
): string | undefined {
  const [, kind, name = ''] = /^(limits|requests)\.(.+)$/.exec(resource) ?? [];
  const asked = container.resources?.[kind as 'limits' | 'requests']?.[name];
  const quantity = asked ?? (kind === 'limits' ? allocatable[name] : '0');
  const unit = parseQuantity(divisor) || 1;
  return quantity === undefined ? undefined : String(Math.ceil(parseQuantity(quantity) / unit));
}

function lines(map: Readonly<Record<string, string>> = {}): string {
  return Object.entries(map)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}
