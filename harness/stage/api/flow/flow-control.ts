import type { Clock } from '../../../core/clock.ts';
import type { KubeObject } from '../../client/types.ts';
import { textAt } from '../json.ts';
import { defaultFlowSchemas, defaultPriorityLevels } from './defaults.ts';
import { bySchemaOrder, distinguish, matchesSchema } from './match.ts';
import { PriorityLevel, seatsOf, shareOut } from './priority-level.ts';
import { FlowRejection, type Admit, type FlowConfiguration, type FlowObserver } from './types.ts';

export interface FlowControlOptions {
  /** `--max-requests-inflight` and its like. With priority and fairness only the sum counts. */
  readonly maxRequestsInflight: number;
  readonly maxMutatingInflight: number;
  /** `--enable-priority-and-fairness`. */
  readonly priorityAndFairness: boolean;
  /** Read at every request, so it must be quick: the same arrays as long as no object changed. */
  readonly source: () => FlowConfiguration;
  readonly clock: Clock;
  readonly observer: FlowObserver;
}

const uncounted = { release: () => undefined, headers: {} };

/** Decides which requests the API server serves, and when. */
export function flowControl(options: FlowControlOptions): Admit {
  const { observer } = options;
  const admit = options.priorityAndFairness ? priorityAndFairness(options) : inFlightLimits(options);
  return async (request, signal) => {
    // Lasts for as long as the client likes; a watch is limited only while it begins.
    if (request.subresource === 'log') return uncounted;
    const { release, headers } = await admit(request, signal);
    const kind = kindOf(request.verb);
    observer.inFlight(kind, 1);
    // The only guard against a ticket that is given back twice.
    let isHeld = true;
    const releaseOnce = (): void => {
      if (!isHeld) return;
      isHeld = false;
      observer.inFlight(kind, -1);
      release();
    };
    return { headers, release: releaseOnce };
  };
}

/** Which of the two limits a request counts against. */
function kindOf(verb: string): 'readOnly' | 'mutating' {
  return ['get', 'list', 'watch'].includes(verb) ? 'readOnly' : 'mutating';
}

/**
 * Without priority and fairness: so many reads and so many writes at once, the next is refused; 0 means no limit.
 * `system:masters` is never refused, as in the real server. Watches are not counted.
 */
function inFlightLimits({ maxRequestsInflight, maxMutatingInflight }: FlowControlOptions): Admit {
  const limits = { readOnly: maxRequestsInflight, mutating: maxMutatingInflight };
  const served = { readOnly: 0, mutating: 0 };
  return async ({ verb, groups }) => {
    const kind = kindOf(verb);
    const isFull = limits[kind] > 0 && served[kind] >= limits[kind];
    if (verb === 'watch' || (isFull && groups.includes('system:masters'))) return uncounted;
    if (isFull) throw new FlowRejection('concurrency-limit');
    served[kind] += 1;
    return { release: () => void (served[kind] -= 1), headers: {} };
  };
}

/**
 * API Priority and Fairness. Differs from Kubernetes: levels do not borrow seats from each other, a write holds no
 * seats for the watchers it wakes, and Retry-After is always 1 s.
 */
function priorityAndFairness(options: FlowControlOptions): Admit {
  const { maxRequestsInflight, maxMutatingInflight, source, clock, observer } = options;
  const levels = new Map<string, PriorityLevel>();
  const levelOf = (schema: KubeObject) => levels.get(textAt(schema, 'spec.priorityLevelConfiguration.name'));
  let read: FlowConfiguration | undefined;
  /** Those whose level exists. */
  let schemas: readonly KubeObject[] = [];

  const configure = ({ flowSchemas, priorityLevels }: FlowConfiguration): void => {
    const objects = withMandatory(priorityLevels, defaultPriorityLevels);
    const configurations = shareOut(objects, maxRequestsInflight + maxMutatingInflight);
    const names = new Set(configurations.map(({ name }) => name));
    // A level that is gone lives on until its last request is done.
    for (const name of levels.keys()) if (!names.has(name)) levels.delete(name);
    for (const configuration of configurations) {
      const level = levels.get(configuration.name);
      if (level) level.configure(configuration);
      else levels.set(configuration.name, new PriorityLevel(configuration, clock, observer));
      observer.limit(configuration.name, configuration.limit);
    }
    schemas = withMandatory(flowSchemas, defaultFlowSchemas).filter(levelOf).toSorted(bySchemaOrder);
  };

  return async (request, signal) => {
    const { flowSchemas, priorityLevels } = source();
    if (read?.flowSchemas !== flowSchemas || read.priorityLevels !== priorityLevels) {
      read = { flowSchemas, priorityLevels };
      configure(read);
    }
    // Who matches nothing goes with the last, which is the catch-all.
    const schema = schemas.find((one) => matchesSchema(one, request)) ?? schemas.at(-1);
    const level = schema && levelOf(schema);
    if (!level) throw new RangeError('No FlowSchema, not even a mandatory one');
    const { name: flowSchema, uid = '' } = schema.metadata;
    const { name: priorityLevel, uid: levelUid, mostSeats } = level.configuration;
    const headers = { 'X-Kubernetes-PF-FlowSchema-UID': uid, 'X-Kubernetes-PF-PriorityLevel-UID': levelUid };
    const flowId = `${flowSchema}/${distinguish(schema, request)}`;
    const seats = seatsOf(request.listBytes, mostSeats);
    const release = await level.enter({ flowSchema, priorityLevel, headers }, flowId, seats, signal);
    return { release, headers };
  };
}

const isMandatory = ({ metadata: { name } }: KubeObject): boolean => name === 'exempt' || name === 'catch-all';

/** The exempt and the catch-all object stay as they are, whatever somebody made of them. */
function withMandatory(objects: readonly KubeObject[], defaults: readonly KubeObject[]): KubeObject[] {
  const mandatory = defaults.filter(isMandatory).map((object) => {
    const stored = objects.find(({ metadata }) => metadata.name === object.metadata.name);
    return { ...object, metadata: stored?.metadata ?? object.metadata };
  });
  return [...objects.filter((object) => !isMandatory(object)), ...mandatory];
}
