import type { Parameters, Values } from './parameter.ts';
import type { ExperimentDefinition } from './spec.ts';

/** What a file in `experiments/` exports as its default. */
export interface Experiment<P extends Parameters = Parameters> {
  readonly title: string;
  /** What is believed to hold while the faults are active: one sentence that can turn out false. */
  readonly hypothesis: string;
  /** Incident time divided by wall time, unless `--time-scale` says otherwise. Default 60. */
  readonly timeScale?: number;
  /** What `--set` may change. */
  readonly parameters: P;
  /** Plain data from the values of the parameters. Called before a run, never while a fault is active. */
  define(values: Values<P>): ExperimentDefinition;
}

/** Keeps the types of the parameters, so that `define` receives each value with its own. */
export function defineExperiment<const P extends Parameters>(experiment: Experiment<P>): Experiment<P> {
  return experiment;
}

/** 20 minutes of an incident in 20 seconds. */
export const defaultTimeScale = 60;
