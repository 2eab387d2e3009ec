import { isDeepStrictEqual } from 'node:util';
import { resources } from '../../client/resources.ts';
import { keyOf } from '../../client/object-store.ts';
import type { KubeObject, Resource } from '../../client/types.ts';
import { inNamespace } from '../base/caches.ts';
import { openQueue, type Context, type Controller } from '../base/context.ts';
import type { Pod, Service } from '../base/kinds.ts';
import { matchesSelector } from '../base/selectors.ts';
import {
  endpointSliceObjects,
  endpointsObject,
  managedByLabel,
  serviceNameLabel,
  sliceController,
} from './endpoint-objects.ts';
import { endpointGroups, triggerAnnotation, triggerTime } from './endpoints-plan.ts';

const component = 'endpoints-controller';

/** Writes down which pods are behind each service that selects pods: as Endpoints and as EndpointSlices. */
export function endpointsController(context: Context): Controller {
  const { caches } = context;
  const queue = openQueue(context, component, async (key) => {
    const service = caches.services.objects.get(key);
    await (service ? reconcile(context, service) : removeEndpoints(context, key));
    return undefined;
  });
  caches.services.subscribe(({ object }) => queue.add(keyOf(object)));
  const addServicesOf = ({ metadata }: Pod): void => {
    for (const service of inNamespace(caches.services, metadata.namespace)) {
      if (selects(service) && matchesSelector({ matchLabels: service.spec.selector ?? {} }, metadata.labels)) {
        queue.add(keyOf(service));
      }
    }
  };
  caches.pods.subscribe(({ type, object, before }) => {
    if (type !== 'deleted' && before && isDeepStrictEqual(relevant(object), relevant(before))) return;
    addServicesOf(object);
    if (before) addServicesOf(before);
  });
  // Somebody else's change of what is ours is taken back.
  caches.endpoints.subscribe(({ object }) => queue.add(keyOf(object)));
  caches.endpointSlices.subscribe(({ object: { metadata } }) => {
    const service = metadata.labels?.[serviceNameLabel];
    if (service !== undefined && isOurs(metadata.labels)) queue.add(`${metadata.namespace ?? ''}/${service}`);
  });
  return { start: () => queue.start(), stop: () => queue.stop() };
}

/** What endpoints depend on; most changes of a pod are of something else. */
function relevant({ metadata, spec, status }: Pod): unknown {
  return [metadata.labels, metadata.deletionTimestamp, spec.nodeName, status?.phase, status?.podIP, status?.conditions];
}

/** Services without a selector have endpoints that somebody else writes. */
function selects({ spec }: Service): boolean {
  return Object.keys(spec.selector ?? {}).length > 0 && spec.type !== 'ExternalName';
}

function isOurs(labels: Readonly<Record<string, string>> = {}): boolean {
  return labels[managedByLabel] === sliceController;
}

async function reconcile(context: Context, service: Service): Promise<void> {
  if (!selects(service) || service.metadata.deletionTimestamp !== undefined) return;
  const groups = endpointGroups(service, inNamespace(context.caches.pods, service.metadata.namespace));
  const trigger = triggerTime(service, groups);
  const endpoints = context.caches.endpoints.objects.get(keyOf(service));
  await write(context, resources.endpoints, endpointsObject(service, groups), endpoints, trigger);
  const has = inNamespace(context.caches.endpointSlices, service.metadata.namespace).filter(
    ({ metadata }) => metadata.labels?.[serviceNameLabel] === service.metadata.name && isOurs(metadata.labels),
  );
  const wanted = endpointSliceObjects(service, groups);
  for (const slice of wanted) {
    const before = has.find(({ metadata }) => metadata.name === slice.metadata.name);
    await write(context, resources.endpointSlices, slice, before, trigger);
  }
  const names = new Set(wanted.map(({ metadata }) => metadata.name));
  for (const { metadata } of has) {
    if (!names.has(metadata.name)) await context.client.delete(resources.endpointSlices, metadata);
  }
}

/** Creates or replaces it when what it says is not so already; the trigger time alone is no reason to write. */
async function write(
  { client }: Context,
  resource: Resource,
  wanted: KubeObject,
  before: KubeObject | undefined,
  trigger: string | undefined,
): Promise<void> {
  const said = before?.metadata.annotations?.[triggerAnnotation];
  const isNews = trigger !== undefined && (said === undefined || Date.parse(trigger) > Date.parse(said));
  const annotations = isNews ? { [triggerAnnotation]: trigger } : {};
  if (!before) {
    await client.create(resource, { ...wanted, metadata: { ...wanted.metadata, annotations } });
    return;
  }
  if (isDeepStrictEqual(content(before), content(wanted))) return;
  const { resourceVersion, uid } = before.metadata;
  const metadata = { ...wanted.metadata, annotations, ...(uid !== undefined && { uid }) };
  await client.update(resource, {
    ...wanted,
    metadata: { ...metadata, ...(resourceVersion !== undefined && { resourceVersion }) },
  });
}

function content({ metadata, ...rest }: KubeObject): unknown {
  const { subsets, addressType, endpoints, ports } = rest as Record<string, unknown>;
  return [metadata.labels, subsets ?? [], addressType, endpoints ?? [], ports ?? []];
}

/** Slices go by garbage collection; Endpoints have no owner. Those of other makers are left alone. */
async function removeEndpoints({ client, caches }: Context, key: string): Promise<void> {
  const endpoints = caches.endpoints.objects.get(key);
  if (endpoints?.metadata.labels?.['endpoints.kubernetes.io/managed-by'] !== 'endpoint-controller') return;
  const { uid, namespace, name } = endpoints.metadata;
  await client.delete(resources.endpoints, { namespace, name }, { ...(uid !== undefined && { uid }) });
}
