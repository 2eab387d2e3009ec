import { resolve } from 'node:path';
import { defaultTimeScale, type Experiment } from '../experiment/define.ts';
import { parseSettings } from '../experiment/settings.ts';
import type { PlanInputs } from '../plan/build.ts';
import { testFaultDescriber } from './fault-describer.ts';

export const experimentsFolder = resolve(import.meta.dirname, '../../experiments');

/** Inputs of a plan as the command line would give them, with these settings. */
export function planInputs(name: string, experiment: Experiment, ...settings: string[]): PlanInputs {
  return {
    name,
    experiment,
    settings: parseSettings(experiment, settings),
    backend: 'test',
    seed: 42,
    timeScale: experiment.timeScale ?? defaultTimeScale,
    service: { manifests: null, namespace: 'blackstart', name: 'model-server', port: 80 },
    sabotage: [],
    describeFault: testFaultDescriber,
  };
}
