import { isDuration, toMs, type Duration } from '../core/duration.ts';

/** One thing that is wrong with an experiment. */
export interface Problem {
  /** Where: `budgets.subject[1].atMost`. */
  readonly path: string;
  readonly message: string;
}

/** What a run allows, beyond the experiment itself. */
export interface CheckLimits {
  /** Incident time divided by wall time. */
  readonly timeScale: number;
  /** How many lanes can be node DNS caches: so many ports are set aside on the nodes. */
  readonly maxCaches: number;
}

/** What the checks of one section may know of the others. */
export interface CheckContext {
  /** Says what is wrong with a reference to this lane; undefined when it exists, or when no lane could be read. */
  readonly unknownLane: (lane: string) => string | undefined;
  /** Wall milliseconds that this lane holds an answer; undefined when it is no cache, or unknown. */
  readonly holdMs: (lane: string) => number | undefined;
  /** Says why this lane is no cache; undefined when it is one, or unknown. */
  readonly notACache: (lane: string) => string | undefined;
  /** Says why nobody calls the API over this lane; undefined when an operator does, or unknown. */
  readonly notAnOperator: (lane: string) => string | undefined;
  /** Says what is wrong with a reference to this fault; undefined when it exists, or when no method could be read. */
  readonly unknownFault: (fault: string) => string | undefined;
  /** True when an agent runs that a rollout can change; also when the cluster could not be read. */
  readonly hasTelemetry: boolean;
  /** True when a lane shows whether the normal admin can change anything; also when the lanes could not be read. */
  readonly hasAdminPatch: boolean;
  /** True when the method tries rungs: they are what is judged. */
  readonly triesRungs: boolean;
  /** Wall milliseconds of all observe steps; undefined when the method could not be read. */
  readonly outageMs: number | undefined;
}

/** Becomes part of the names of Kubernetes objects, with a prefix and a suffix of ours around it. */
const namePattern = /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

/** Says why this is no name for a lane or a fault; undefined when it is one. */
export function badName(name: string): string | undefined {
  if (namePattern.test(name)) return undefined;
  return `'${name}' is no DNS label: use up to 40 lower-case letters, digits and '-', beginning with a letter`;
}

export function* checkShare(path: string, share: number): Iterable<Problem> {
  if (!(share > 0 && share <= 1)) yield { path, message: `${share} is impossible: a share is above 0 and at most 1` };
}

export function* checkPositive(path: string, duration: Duration, why: string): Iterable<Problem> {
  if (isDuration(duration) && toMs(duration) <= 0) yield { path, message: `${duration} is impossible: ${why}` };
}

/** Yields a problem for every item whose key came before. */
export function* checkDuplicates(
  items: readonly { readonly path: string; readonly key: string; readonly what: string }[],
): Iterable<Problem> {
  const seen = new Map<string, string>();
  for (const { path, key, what } of items) {
    const first = seen.get(key);
    if (first === undefined) seen.set(key, path);
    else yield { path, message: `${what} already stands at ${first}` };
  }
}

/** `rungs[2].within` of the steps that zod gives. */
export function problemPath(steps: readonly PropertyKey[]): string {
  const parts = steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`));
  return parts.join('').replace(/^\./, '');
}
