import { flowMetrics } from './flow-metrics.ts';
import { exponentialBuckets, openMetricRegistry } from './registry.ts';

/** In seconds; those of the real server. */
const durationBuckets = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
];

const perResource = ['component', 'group', 'resource', 'scope', 'subresource', 'verb', 'version'] as const;
const perCode = [...perResource, 'code'] as const;

/** Objects in the store, of one kind. */
export interface StoredCount {
  readonly group: string;
  readonly resource: string;
  readonly count: number;
}

/** Each new combination is kept for ever, so `resource` is empty for what is not served. */
export type CountedRequest = Readonly<
  Record<'verb' | 'apiGroup' | 'version' | 'resource' | 'subresource' | 'namespace' | 'name', string>
>;

type Outcome = Readonly<Record<'code' | 'durationMs' | 'responseBytes', number>>;

export type ApiMetrics = ReturnType<typeof apiMetrics>;

/** The metrics of the API server, by the real names and labels. `stored` is what is in the store now. */
export function apiMetrics(stored: () => Iterable<StoredCount>) {
  const registry = openMetricRegistry();
  const { counter, gauge, histogram, beforeExposition, exposition } = registry;
  const requests = counter('apiserver_request_total', 'Requests that were answered.', perCode);
  const durations = histogram('apiserver_request_duration_seconds', 'Time to answer.', durationBuckets, perResource);
  const terminations = counter('apiserver_request_terminations_total', 'Answers 429 and 504.', perCode);
  const sizeBuckets = exponentialBuckets(1_000, 10, 7);
  const sizes = histogram('apiserver_response_sizes', 'Bytes of answers to GET and LIST.', sizeBuckets, perResource);
  const watches = gauge('apiserver_longrunning_requests', 'Watches and followed logs.', perResource);
  const objects = gauge('apiserver_storage_objects', 'Objects in the store.', ['resource']);
  beforeExposition(() => {
    objects.reset();
    for (const { group, resource, count } of stored()) {
      objects.set({ resource: group === '' ? resource : `${resource}.${group}` }, count);
    }
  });
  return {
    /** For flowControl. */
    flow: flowMetrics(registry),
    /** A request that was answered. Not for watches and followed logs while they last; for those when they end. */
    answered: (request: CountedRequest, { code, durationMs, responseBytes }: Outcome): void => {
      const labels = labelsOf(request);
      requests.inc({ ...labels, code: String(code) });
      if (labels.verb !== 'WATCH') durations.observe(labels, durationMs / 1_000);
      if (code === 429 || code === 504) terminations.inc({ ...labels, code: String(code) });
      if (labels.verb === 'GET' || labels.verb === 'LIST') sizes.observe(labels, responseBytes);
    },
    /** A watch or a followed log begins or ends. */
    longRunning: (request: CountedRequest, change: 1 | -1): void => watches.inc(labelsOf(request), change),
    exposition,
  };
}

const httpVerbs: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT' };

function labelsOf({ verb, apiGroup: group, version, resource, subresource, namespace, name }: CountedRequest) {
  const ofMany = namespace === '' ? 'cluster' : 'namespace';
  const scope = resource === '' ? '' : name !== '' || verb === 'create' ? 'resource' : ofMany;
  const httpVerb = httpVerbs[verb] ?? verb.toUpperCase();
  return { component: 'apiserver', group, resource, scope, subresource, verb: httpVerb, version };
}
