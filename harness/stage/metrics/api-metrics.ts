import type { FlowObserver, FlowRequest } from '../api/flow/types.ts';
import { flowMetrics } from './flow-metrics.ts';
import { exponentialBuckets, openMetricRegistry, type Exposition } from './registry.ts';

/** In seconds; those of the real server. */
const durationBuckets = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
];

const perResource = ['component', 'group', 'resource', 'scope', 'subresource', 'verb', 'version'] as const;

/** What can be said of a request when it is over. */
interface RequestOutcome {
  readonly code: number;
  readonly durationMs: number;
  readonly responseBytes: number;
}

/** Objects in the store, of one kind. */
export interface StoredCount {
  readonly group: string;
  /** Plural. */
  readonly resource: string;
  readonly count: number;
}

/**
 * A request as the metrics tell it apart. Every new combination is kept for ever: for a path or resource that is not served leave
 * `resource` empty.
 */
export type CountedRequest = Pick<
  FlowRequest,
  'verb' | 'apiGroup' | 'version' | 'resource' | 'subresource' | 'namespace' | 'name'
>;

/** The metrics of the API server, by the real names and labels. */
export interface ApiMetrics {
  /** For flowControl. */
  readonly flow: FlowObserver;
  /** A request that was answered. Not for watches and followed logs while they last; for those when they end. */
  answered(request: CountedRequest, outcome: RequestOutcome): void;
  /** A watch or a followed log begins or ends. */
  longRunning(request: CountedRequest, change: 1 | -1): void;
  exposition(): Promise<Exposition>;
}

/** @param stored what is in the store now; asked for at every exposition. */
export function apiMetrics(stored: () => Iterable<StoredCount>): ApiMetrics {
  const registry = openMetricRegistry();
  const requests = registry.counter('apiserver_request_total', 'Requests that were answered.', [
    ...perResource,
    'code',
    'dry_run',
  ]);
  const durations = registry.histogram(
    'apiserver_request_duration_seconds',
    'Time until the answer was written, waiting included.',
    durationBuckets,
    [...perResource, 'dry_run'],
  );
  const terminations = registry.counter(
    'apiserver_request_terminations_total',
    'Requests that were answered with 429 or 504 in place of a result.',
    [...perResource, 'code'],
  );
  const sizes = registry.histogram(
    'apiserver_response_sizes',
    'Bytes of the answers to GET and LIST.',
    exponentialBuckets(1_000, 10, 7),
    perResource,
  );
  const longRunning = registry.gauge('apiserver_longrunning_requests', 'Watches and followed logs.', perResource);
  const objects = registry.gauge('apiserver_storage_objects', 'Objects in the store.', ['resource']);
  const objectsByGroup = registry.gauge('apiserver_resource_objects', 'Objects in the store.', ['group', 'resource']);
  registry.beforeExposition(() => {
    objects.reset();
    objectsByGroup.reset();
    for (const { group, resource, count } of stored()) {
      objects.set({ resource: group === '' ? resource : `${resource}.${group}` }, count);
      objectsByGroup.set({ group, resource }, count);
    }
  });
  return {
    flow: flowMetrics(registry),
    answered: (request, { code, durationMs, responseBytes }) => {
      const labels = labelsOf(request);
      requests.inc({ ...labels, code: String(code), dry_run: '' });
      if (labels.verb !== 'WATCH') durations.observe({ ...labels, dry_run: '' }, durationMs / 1_000);
      if (code === 429 || code === 504) terminations.inc({ ...labels, code: String(code) });
      if (labels.verb === 'GET' || labels.verb === 'LIST') sizes.observe(labels, responseBytes);
    },
    longRunning: (request, change) => longRunning.inc(labelsOf(request), change),
    exposition: registry.exposition,
  };
}

const httpVerbs: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT' };

function labelsOf({ verb, apiGroup, version, resource, subresource, namespace, name }: CountedRequest) {
  return {
    component: 'apiserver',
    group: apiGroup,
    resource,
    scope: scopeOf(verb, resource, namespace, name),
    subresource,
    verb: httpVerbs[verb] ?? verb.toUpperCase(),
    version,
  };
}

function scopeOf(verb: string, resource: string, namespace: string, name: string): string {
  if (resource === '') return '';
  if (name !== '' || verb === 'create') return 'resource';
  return namespace === '' ? 'cluster' : 'namespace';
}
