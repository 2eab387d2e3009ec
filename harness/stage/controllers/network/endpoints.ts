import { isDeepStrictEqual } from 'node:util';
import { keyOf } from '../../client/object-store.ts';
import { resources } from '../../client/resources.ts';
import type { KubeObject, Resource } from '../../client/types.ts';
import { forEach, type Context, type Controller } from '../base/context.ts';
import type { Pod, Port, Service } from '../base/kinds.ts';
import { controllerReference, isFinished, isReady, isTerminating, matchesSelector } from '../base/objects.ts';

/** Writes down which pods are behind each service that selects pods: as Endpoints and as one EndpointSlice. */
export function endpointsController(context: Context): Controller {
  const { copies } = context;
  const sync = async (): Promise<void> => {
    const pods = Map.groupBy(copies.pods.values(), ({ metadata }) => metadata.namespace);
    await forEach(copies.services.values(), async (service) => {
      const { selector = {}, type } = service.spec;
      // Services without a selector have endpoints that somebody else writes.
      if (Object.keys(selector).length === 0 || type === 'ExternalName' || isTerminating(service)) return;
      const { endpoints, slice } = endpointObjects(service, pods.get(service.metadata.namespace) ?? []);
      await write(context, resources.endpoints, endpoints, copies.endpoints.get(keyOf(endpoints)));
      await write(context, resources.endpointSlices, slice, copies.endpointSlices.get(keyOf(slice)));
    });
  };
  return { name: 'endpoints-controller', watches: ['services', 'pods', 'endpoints', 'endpointSlices'], sync };
}

/** Creates or replaces it when what it says is not so already. */
async function write(
  { client }: Context,
  resource: Resource,
  wanted: KubeObject,
  before: KubeObject | undefined,
): Promise<void> {
  const { resourceVersion = '' } = before?.metadata ?? {};
  if (!before) await client.create(resource, wanted);
  else if (!isDeepStrictEqual(content(before), content(wanted))) {
    await client.update(resource, { ...wanted, metadata: { ...wanted.metadata, resourceVersion } });
  }
}

function content({ metadata, subsets = [], endpoints = [], ports = [] }: KubeObject): unknown {
  return [metadata.labels, metadata.ownerReferences, subsets, endpoints, ports];
}

/** What is behind a service, by pod name: pods with an address that did not end. No subset when that is nothing. */
export function endpointObjects(service: Service, all: readonly Pod[]): { endpoints: KubeObject; slice: KubeObject } {
  const { name, namespace = '', uid = '', labels } = service.metadata;
  const { selector: matchLabels = {}, clusterIP } = service.spec;
  const pods = all
    .filter((pod) => matchesSelector({ matchLabels }, pod.metadata.labels))
    .filter((pod) => !isFinished(pod) && (pod.status?.podIP ?? '') !== '')
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const members = pods.map((pod) => endpointOf(pod, service));
  const ports = portsOf(service, pods[0]);
  const metadata = (ownName: string, own: Record<string, string>): KubeObject['metadata'] => ({
    name: ownName,
    namespace,
    labels: { ...labels, ...own, ...(clusterIP === 'None' && { 'service.kubernetes.io/headless': '' }) },
    // Endpoints have no owner in Kubernetes; here it is how they go with their service.
    ownerReferences: [controllerReference(service)],
  });
  const addresses = members.filter(({ conditions }) => conditions.ready).map(({ address }) => address);
  const notReadyAddresses = members
    .filter(({ conditions }) => !conditions.ready && !conditions.terminating)
    .map(({ address }) => address);
  return {
    endpoints: {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: metadata(name, { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' }),
      subsets: addresses.length + notReadyAddresses.length === 0 ? [] : [{ addresses, notReadyAddresses, ports }],
    },
    slice: {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      // Always the same name, so that a second one is refused when our copy is behind.
      metadata: metadata(`${name}-${uid.slice(0, 5)}`, {
        'kubernetes.io/service-name': name,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      }),
      addressType: 'IPv4',
      endpoints: members.map(({ address, conditions }) => {
        const { ip, ...rest } = address;
        return { addresses: [ip], conditions, ...rest };
      }),
      ports,
    },
  };
}

function endpointOf(pod: Pod, { spec }: Service) {
  const { name, namespace, uid } = pod.metadata;
  const [serving, terminating] = [isReady(pod), isTerminating(pod)];
  const node = pod.spec.nodeName !== undefined && { nodeName: pod.spec.nodeName };
  return {
    conditions: { ready: spec.publishNotReadyAddresses === true || (serving && !terminating), serving, terminating },
    address: { ip: pod.status?.podIP, ...node, targetRef: { kind: 'Pod', name, namespace, uid } },
  };
}

/** Target ports by name are looked up in one of the pods; a name that it does not have is no port. */
function portsOf({ spec }: Service, pod: Pod | undefined): object[] {
  const named = pod?.spec.containers.flatMap(({ ports = [] }) => ports) ?? [];
  return (spec.ports ?? []).flatMap(({ name = '', port, protocol = 'TCP', targetPort = port }) => {
    const isMeant = (one: Port): boolean => one.name === targetPort && (one.protocol ?? 'TCP') === protocol;
    const number = typeof targetPort === 'number' ? targetPort : named.find(isMeant)?.containerPort;
    return number === undefined ? [] : [{ name, port: number, protocol }];
  });
}
