import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { loadManifests } from '../cluster/manifests.ts';
import { BlackstartError } from '../core/errors.ts';
import { defaultTimeScale } from '../experiment/define.ts';
import { loadExperiment, parseSettings } from '../experiment/load.ts';
import { describeFault } from '../fault/catalog.ts';
import { buildPlan } from '../plan/build.ts';
import type { Plan, PlannedService } from '../plan/plan.ts';
import { backendOption, chosenBackend, type BackendOptions } from './backend.ts';
import { projectFolder } from './project.ts';

/** Options that shape the plan; the same for `run` and `plan`. */
export interface PlanOptions {
  readonly backend: string;
  readonly set: readonly string[];
  readonly seed: number | undefined;
  readonly timeScale: number | undefined;
  readonly sabotage: string | true | undefined;
  readonly manifests: string | undefined;
  readonly service: string | undefined;
}

/** What `run` takes beside them. */
export interface RunOptions extends PlanOptions, BackendOptions {
  readonly cluster: string | undefined;
  readonly keep: boolean | undefined;
  readonly chaosMeshChart: string | undefined;
  readonly runs: string;
}

/** Declares them on a command. */
export function addPlanOptions(command: Command): Command {
  return command
    .addOption(backendOption())
    .option(
      '--set <NAME=VALUE...>',
      'set declared parameters of the experiment, several at once (see `list NAME`)',
      collect,
      [],
    )
    .option('--seed <number>', 'seed of every choice; default: drawn, and told in every result', parseSeed)
    .option(
      '--time-scale <factor>',
      "incident time is divided by this; default: the experiment's own, mostly 60",
      parseTimeScale,
    )
    .option('--sabotage [FAULT]', 'turn a fault (alone: every fault) into a no-op, to see the judge notice')
    .option('--manifests <folder>', 'your own service instead of the model-server; needs --service')
    .option('--service <NS/NAME:PORT>', 'the Service in --manifests that is resolved and asked');
}

export const experimentsFolder = resolve(projectFolder, 'experiments');

/** Loads the experiment and builds its plan. Every problem in the input ends here, before anything is touched. */
export async function planFrom(name: string, options: PlanOptions): Promise<Plan> {
  const experiment = await loadExperiment(experimentsFolder, name);
  return buildPlan({
    name,
    experiment,
    settings: parseSettings(experiment, options.set),
    backend: await chosenBackend(options.backend),
    seed: options.seed ?? randomInt(2 ** 32 - 1),
    timeScale: options.timeScale ?? experiment.timeScale ?? defaultTimeScale,
    service: parseService(options),
    sabotage: options.sabotage === true ? 'all' : (options.sabotage?.split(',') ?? []),
    describeFault,
  });
}

function parseService({ manifests, service }: PlanOptions): PlannedService {
  if (manifests === undefined && service === undefined) {
    return { manifests: null, namespace: 'blackstart', name: 'model-server', port: 80 };
  }
  if (manifests === undefined || service === undefined) {
    throw new BlackstartError('usage', '--manifests and --service go together', {
      hint: 'For example: --manifests ./my-service --service shop/checkout:8080',
    });
  }
  const match = /^([a-z0-9-]+)\/([a-z0-9-]+):(\d+)$/.exec(service);
  if (!match) throw new BlackstartError('usage', `--service ${service} is not of the form NAMESPACE/NAME:PORT`);
  // Read here, so that a broken file ends the command before anything is touched.
  loadManifests(resolve(manifests));
  const [, namespace = '', serviceName = '', port] = match;
  return { manifests: resolve(manifests), namespace, name: serviceName, port: Number(port) };
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || seed >= 2 ** 32)
    throw new InvalidArgumentError('It must be a whole number below 4294967296.');
  return seed;
}

function parseTimeScale(text: string): number {
  const factor = Number(text);
  if (!(factor >= 1 && factor <= 1_000)) throw new InvalidArgumentError('It must be a number from 1 to 1000.');
  return factor;
}
