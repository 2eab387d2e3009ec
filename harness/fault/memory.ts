import { BlackstartError } from '../core/errors.ts';
import type { FaultContext } from './fault.ts';

/** A typed place in the memory of one injection. */
export interface MemoryKey<T> {
  readonly name: string;
  /** Never there; ties the type to the key. */
  readonly type?: T;
}

/** Run time in milliseconds just before the change was (or, when sabotaged, would have been) made. */
export const injectingSinceMs: MemoryKey<number> = { name: 'injecting-since-ms' };

/** What a selector asked for and why nothing answered to it. */
export const emptySelection: MemoryKey<{ readonly selector: string; readonly why: string }> = {
  name: 'empty-selection',
};

export function remember<T>(context: FaultContext, key: MemoryKey<T>, value: T): void {
  context.memory.set(key.name, value);
}

/** What was remembered; undefined when nothing was. */
export function recallIfAny<T>(context: FaultContext, key: MemoryKey<T>): T | undefined {
  return context.memory.get(key.name) as T | undefined;
}

/** What was remembered. Throws `internal` when a fault asks for it before `targets` or `inject` was called. */
export function recall<T>(context: FaultContext, key: MemoryKey<T>): T {
  const value = recallIfAny(context, key);
  if (value === undefined) {
    throw new BlackstartError('internal', `Fault ${context.name}: '${key.name}' was asked for before it was known`);
  }
  return value;
}
