import type { KubeObject } from '../../client/types.ts';
import type { Service } from '../base/kinds.ts';
import { shortHash } from '../base/names.ts';
import { controllerReference } from '../base/owners.ts';
import { headlessLabel, type Endpoint, type EndpointGroup } from './endpoints-plan.ts';

export const serviceNameLabel = 'kubernetes.io/service-name';
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
export const sliceController = 'endpointslice-controller.k8s.io';
const endpointsPerSlice = 100;

function targetRef({ pod }: Endpoint): object {
  const { name, namespace, uid } = pod.metadata;
  return { kind: 'Pod', name, namespace, uid };
}

function isHeadless({ spec }: Service): boolean {
  return spec.clusterIP === 'None';
}

function address(endpoint: Endpoint): object {
  const { ip, nodeName } = endpoint;
  return { ip, ...(nodeName !== undefined && { nodeName }), targetRef: targetRef(endpoint) };
}

/** The Endpoints object of a service, without its trigger time. No subset when nothing is behind it. */
export function endpointsObject(service: Service, groups: readonly EndpointGroup[]): KubeObject {
  const { name, namespace, labels } = service.metadata;
  const subsets = groups.flatMap(({ ports, endpoints }) => {
    const ready = endpoints.filter((endpoint) => endpoint.ready).map(address);
    const notReady = endpoints.filter((endpoint) => !endpoint.ready && !endpoint.terminating).map(address);
    if (ready.length + notReady.length === 0) return [];
    return [
      {
        ...(ready.length > 0 && { addresses: ready }),
        ...(notReady.length > 0 && { notReadyAddresses: notReady }),
        ports: ports.map(({ name: portName, ...rest }) => ({ ...(portName !== '' && { name: portName }), ...rest })),
      },
    ];
  });
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      labels: {
        ...labels,
        'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
        ...(isHeadless(service) && { [headlessLabel]: '' }),
      },
    },
    ...(subsets.length > 0 && { subsets }),
  };
}

/** The EndpointSlices of a service, without their trigger times; always at least one, so that it can be watched. */
export function endpointSliceObjects(service: Service, groups: readonly EndpointGroup[]): KubeObject[] {
  const pieces = groups.flatMap(({ ports, endpoints }) =>
    Array.from({ length: Math.ceil(endpoints.length / endpointsPerSlice) }, (_, index) => ({
      ports,
      endpoints: endpoints.slice(index * endpointsPerSlice, (index + 1) * endpointsPerSlice),
    })),
  );
  if (pieces.length === 0) pieces.push({ ports: [], endpoints: [] });
  return pieces.map(({ ports, endpoints }, index) => sliceObject(service, ports, endpoints, index));
}

function sliceObject(
  service: Service,
  ports: EndpointGroup['ports'],
  endpoints: readonly Endpoint[],
  index: number,
): KubeObject {
  const { name, namespace, uid, labels } = service.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      // Always the same, so that a second one is refused when our copy is behind.
      name: `${name}-${shortHash(`${uid ?? ''}/${index}`).slice(0, 5)}`,
      generateName: `${name}-`,
      ...(namespace !== undefined && { namespace }),
      labels: {
        ...labels,
        [serviceNameLabel]: name,
        [managedByLabel]: sliceController,
        ...(isHeadless(service) && { [headlessLabel]: '' }),
      },
      ownerReferences: [controllerReference(service)],
    },
    addressType: 'IPv4',
    endpoints: endpoints.map((endpoint) => ({
      addresses: [endpoint.ip],
      conditions: { ready: endpoint.ready, serving: endpoint.serving, terminating: endpoint.terminating },
      ...(endpoint.nodeName !== undefined && { nodeName: endpoint.nodeName }),
      targetRef: targetRef(endpoint),
    })),
    ports,
  };
}
