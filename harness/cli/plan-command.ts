import type { Command } from 'commander';
import { load } from '../experiment/load.ts';
import { chaosManifests } from '../fault/chaos-mesh/export.ts';
import { describePlan } from '../plan/describe.ts';
import type { Done } from './main.ts';
import { addPlanOptions, experimentsFolder, planFrom, type PlanOptions } from './options.ts';
import { describeStudy, planStudy } from './study-plan.ts';
import { print } from './terminal.ts';

/** `blackstart plan NAME`: what would happen, without doing it. */
export function addPlanCommand(program: Command, _done: Done): void {
  const command = program
    .command('plan <experiment>')
    .description('print exactly what a run would do: targets, confirmations, undos, budgets')
    .option('--yaml', 'print the Chaos Mesh manifests of the method instead');
  addPlanOptions(command).action(async (name: string, options: PlanOptions & { yaml?: true }) => {
    const loaded = await load(experimentsFolder, name);
    if (loaded.kind === 'study') return print(describeStudy((await planStudy(name, loaded.study, options)).plan));
    const plan = await planFrom(name, options);
    print(options.yaml ? chaosManifests(plan) : describePlan(plan));
  });
}
