import type { Parameters, Values } from './parameter.ts';

/** One run of a study: an experiment with settings, as they would be typed after `--set`. */
export interface StudyRunSpec {
  /** Unique within the study; names the run's folder. */
  readonly name: string;
  readonly experiment: string;
  readonly set: readonly string[];
  /** Added to the seed of the study. Default 0. */
  readonly seedOffset?: number;
}

/**
 * Steps the number of nodes up until the API server cannot give what is asked of it, having predicted from small sizes
 * where that will be. The experiment must have the parameters nodes, agents, podsPerNode and interval.
 */
export interface ScaleSweepSpec {
  readonly kind: 'scale-sweep';
  readonly experiment: string;
  /** Settings of every run. */
  readonly set: readonly string[];
  readonly podsPerNode: number;
  /** Seconds between two requests of a node's agent. */
  readonly intervalS: number;
  /** The smallest size: nodes, each with an agent. */
  readonly start: number;
  /** Agents on a cluster of the smallest size that ask for more than its API server can give. */
  readonly saturation: number;
  /** No cluster is made larger than this. */
  readonly most: number;
  /** The size that is extrapolated to. */
  readonly to: number;
  /** Share of the measured tipping size by which the prediction may be wrong. */
  readonly tolerance: number;
}

/**
 * Tries remedies for the same overload, each alone, and orders them by the time until everything is well again. The
 * experiment must have the parameter remedy and one attempt of the way `remedies`.
 */
export interface RemedyRaceSpec {
  readonly kind: 'remedy-race';
  readonly experiment: string;
  /** Settings of every run. */
  readonly set: readonly string[];
  /** Values of the parameter remedy, in the order in which they are tried. */
  readonly remedies: readonly string[];
  /** The remedy that does nothing: always tried, and first. */
  readonly control: string;
  /** How often the whole list is tried, each time with another seed. */
  readonly seeds: number;
}

/** What a study does: plain data. Which runs come of it, and what they say, stands in `study/`. */
export type StudySpec = ScaleSweepSpec | RemedyRaceSpec;

/** What a file in `experiments/` exports for a study: several runs that answer one question together. */
export interface Study<P extends Parameters = Parameters> {
  readonly title: string;
  /** What the runs answer together. */
  readonly question: string;
  /** What `--set` may change. */
  readonly parameters: P;
  /** Plain data from the values of the parameters. Called once, before the first run. */
  define(values: Values<P>): StudySpec;
}

/** Keeps the types of the parameters, so that `define` receives each value with its own. */
export function defineStudy<const P extends Parameters>(study: Study<P>): Study<P> {
  return study;
}

/** Builder of a `scale-sweep`. */
export function scaleSweep(spec: Omit<ScaleSweepSpec, 'kind'>): ScaleSweepSpec {
  return { kind: 'scale-sweep', ...spec };
}

/** Builder of a `remedy-race`. */
export function remedyRace(spec: Omit<RemedyRaceSpec, 'kind'>): RemedyRaceSpec {
  return { kind: 'remedy-race', ...spec };
}
