import type { Command } from 'commander';
import type { Backend, Check } from '../cluster/cluster.ts';
import { systemClock } from '../core/clock.ts';
import { BlackstartError } from '../core/errors.ts';
import { exitCodes } from '../core/exit-codes.ts';
import { checkAttestation } from './attestation-check.ts';
import { backendOption, chosenBackend, openBackend } from './backend.ts';
import type { Done } from './main.ts';
import { defaultRunsFolder } from './project.ts';
import { print } from './terminal.ts';

/** `blackstart doctor`: what this machine needs, and what to do about each. */
export function addDoctorCommand(program: Command, done: Done): void {
  program
    .command('doctor')
    .description('check what a backend needs on this machine (kind: Docker, kind, kubectl, helm and limits)')
    .addOption(backendOption())
    .option('--node-image <image>', 'image of the nodes (env BLACKSTART_NODE_IMAGE)')
    .action(async (options: { backend: string; nodeImage?: string }) => {
      const name = await chosenBackend(options.backend);
      const machine = await openBackend(name, options).doctor();
      const checks = [...machine, checkAttestation(defaultRunsFolder(), systemClock.now())];
      print(`backend  ${name}\n`);
      print(checks.map((check) => `${line(check)}\n`).join(''));
      done(checks.some((check) => check.status === 'missing') ? exitCodes.environment.code : 0);
    });
}

/** Rejects with `environment` when something is missing without which no run can begin. */
export async function requireEnvironment(backend: Backend): Promise<void> {
  const missing = (await backend.doctor()).filter((check) => check.status === 'missing');
  const [first] = missing;
  if (!first) return;
  throw new BlackstartError('environment', missing.map((check) => `${check.name}: ${check.found}`).join('; '), {
    hint: first.hint,
  });
}

function line({ name, status, found, hint }: Check): string {
  const mark = { ok: 'ok     ', warning: 'warning', missing: 'MISSING' }[status];
  return `${mark}  ${name.padEnd(14)} ${found}${hint === '' ? '' : `\n         ${hint}`}`;
}
