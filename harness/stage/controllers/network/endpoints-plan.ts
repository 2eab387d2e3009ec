import type { Pod, Service, ServicePort } from '../base/kinds.ts';
import { conditionOf, isFinished, isReady, isTerminating } from '../base/pod-state.ts';
import { matchesSelector } from '../base/selectors.ts';

export const triggerAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time';
export const headlessLabel = 'service.kubernetes.io/headless';

interface EndpointPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly appProtocol?: string;
}

/** A pod behind a service. */
export interface Endpoint {
  readonly ip: string;
  readonly nodeName: string | undefined;
  readonly pod: Pod;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
}

/** Endpoints that are reached by the same ports: a named target port can be another number in each pod. */
export interface EndpointGroup {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

/** What is behind a service, by pod name; pods without an address or that ended are not. */
export function endpointGroups(service: Service, pods: readonly Pod[]): EndpointGroup[] {
  const { selector, publishNotReadyAddresses = false } = service.spec;
  const members = pods
    .filter((pod) => matchesSelector({ matchLabels: selector ?? {} }, pod.metadata.labels) && !isFinished(pod))
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const groups = Map.groupBy(
    members.flatMap((pod) => endpointOf(pod, publishNotReadyAddresses)),
    ({ pod }) => JSON.stringify(portsOf(service, pod)),
  );
  return [...groups].map(([ports, endpoints]) => ({ ports: JSON.parse(ports) as EndpointPort[], endpoints }));
}

function endpointOf(pod: Pod, publishNotReady: boolean): Endpoint[] {
  const ip = pod.status?.podIP;
  if (ip === undefined || ip === '') return [];
  const terminating = isTerminating(pod);
  const serving = isReady(pod);
  const ready = publishNotReady || (serving && !terminating);
  return [{ ip, nodeName: pod.spec.nodeName, pod, ready, serving, terminating }];
}

function portsOf({ spec }: Service, pod: Pod): EndpointPort[] {
  return (spec.ports ?? []).flatMap((servicePort) => {
    const port = targetPort(servicePort, pod);
    const { name = '', protocol = 'TCP', appProtocol } = servicePort;
    return port === undefined ? [] : [{ name, port, protocol, ...(appProtocol !== undefined && { appProtocol }) }];
  });
}

/** A port that the pod has no name for is not served by it. */
function targetPort({ port, protocol = 'TCP', targetPort: target = port }: ServicePort, pod: Pod): number | undefined {
  if (typeof target === 'number') return target;
  return pod.spec.containers
    .flatMap(({ ports = [] }) => ports)
    .find((one) => one.name === target && (one.protocol ?? 'TCP') === protocol)?.containerPort;
}

/**
 * When that happened which changed the endpoints: the last change of readiness among these pods, or the service's
 * creation. DNS servers measure from here how late they are.
 */
export function triggerTime(service: Service, groups: readonly EndpointGroup[]): string | undefined {
  const changes = groups
    .flatMap(({ endpoints }) => endpoints)
    .flatMap(({ pod }) => conditionOf(pod, 'Ready')?.lastTransitionTime ?? []);
  return [...changes, ...(service.metadata.creationTimestamp === undefined ? [] : [service.metadata.creationTimestamp])]
    .toSorted((a, b) => Date.parse(a) - Date.parse(b))
    .at(-1);
}
