import type { Clock } from '../../../core/clock.ts';
import type { KubeObject } from '../../client/types.ts';
import { defaultFlowSchemas, defaultPriorityLevels } from './defaults.ts';
import { shareOut } from './levels.ts';
import { bySchemaOrder, readSchema, type Schema } from './match.ts';
import { PriorityLevel } from './priority-level.ts';
import { seatsOf } from './seats.ts';
import type { FlowClass, FlowConfiguration, FlowControl, FlowObserver, Ticket } from './types.ts';

export interface PriorityAndFairnessOptions {
  readonly totalSeats: number;
  readonly source: () => FlowConfiguration;
  readonly clock: Clock;
  readonly observer: FlowObserver;
}

interface Classified {
  readonly schema: Schema;
  readonly level: PriorityLevel;
  readonly flow: FlowClass;
}

/**
 * API Priority and Fairness. Differs from Kubernetes: levels do not borrow seats from each other, a write holds no seats for the
 * watchers it wakes, and Retry-After is always 1 s.
 */
export function priorityAndFairness({ totalSeats, source, clock, observer }: PriorityAndFairnessOptions): FlowControl {
  const levels = new Map<string, PriorityLevel>();
  let read: FlowConfiguration = { flowSchemas: [], priorityLevels: [] };
  let classes: readonly Classified[] = [];

  const readAgain = (): void => {
    const now = source();
    if (classes.length > 0 && now.flowSchemas === read.flowSchemas && now.priorityLevels === read.priorityLevels)
      return;
    read = { ...now };
    configureLevels(withMandatory(now.priorityLevels, defaultPriorityLevels));
    classes = withMandatory(now.flowSchemas, defaultFlowSchemas)
      .map(readSchema)
      .toSorted(bySchemaOrder)
      .flatMap(classOf);
  };

  /** A level that is gone lives on until its last request is done. */
  const configureLevels = (objects: readonly KubeObject[]): void => {
    const configurations = shareOut(objects, totalSeats);
    const names = new Set(configurations.map(({ name }) => name));
    for (const name of levels.keys()) if (!names.has(name)) levels.delete(name);
    for (const configuration of configurations) {
      const level = levels.get(configuration.name);
      if (level) level.configure(configuration);
      else levels.set(configuration.name, new PriorityLevel(configuration, clock, observer));
      observer.limit(configuration.name, configuration.limit);
    }
  };

  /** A schema whose level does not exist is not used. */
  const classOf = (schema: Schema): Classified[] => {
    const level = levels.get(schema.priorityLevel);
    return level ? [{ schema, level, flow: flowClass(schema, level) }] : [];
  };

  return {
    admit: async (request, signal): Promise<Ticket> => {
      readAgain();
      // Who matches nothing goes with the last, which is the catch-all.
      const found = classes.find(({ schema }) => schema.matches(request)) ?? classes.at(-1);
      if (!found) throw new RangeError('No FlowSchema, not even a mandatory one');
      const { schema, level, flow } = found;
      const seats = seatsOf(request, level.configuration.mostSeats);
      const release = await level.enter(flow, `${schema.name}/${schema.distinguish(request)}`, seats, signal);
      return { release, headers: flow.headers };
    },
  };
}

/** The exempt and the catch-all object are as they are, whatever somebody made of them; the real server puts them back. */
function withMandatory(objects: readonly KubeObject[], defaults: readonly KubeObject[]): KubeObject[] {
  const mandatory = defaults.filter(isMandatory).map((object) => {
    const stored = objects.find(({ metadata }) => metadata.name === object.metadata.name);
    return { ...object, metadata: stored?.metadata ?? object.metadata };
  });
  return [...objects.filter((object) => !isMandatory(object)), ...mandatory];
}

function isMandatory({ metadata: { name } }: KubeObject): boolean {
  return name === 'exempt' || name === 'catch-all';
}

function flowClass(schema: Schema, level: PriorityLevel): FlowClass {
  const { name, uid } = level.configuration;
  const headers = { 'X-Kubernetes-PF-FlowSchema-UID': schema.uid, 'X-Kubernetes-PF-PriorityLevel-UID': uid };
  return { flowSchema: schema.name, priorityLevel: name, headers };
}
