import { systemClock } from '../core/clock.ts';
import { run } from '../core/command.ts';
import { BlackstartError } from '../core/errors.ts';
import type { Backend } from '../cluster/cluster.ts';
import { embeddedBackend } from '../cluster/embedded/embedded-backend.ts';
import { kindBackend } from '../cluster/kind/kind-backend.ts';
import { Option } from 'commander';

export interface BackendOptions {
  readonly nodeImage?: string | undefined;
  /** Embedded clusters stay when this process ends. */
  readonly isDetached?: boolean;
}

export const backendNames = ['kind', 'embedded'] as const;

/** `--backend`, the same wherever it is offered. */
export function backendOption(): Option {
  return new Option('--backend <name>', 'where to run; auto: kind where Docker runs, else embedded')
    .choices(['auto', ...backendNames])
    .default('auto');
}

/** The name behind `auto`; any other name is its own. */
export async function chosenBackend(name: string): Promise<string> {
  if (name !== 'auto') return name;
  return (await dockerRuns()) ? 'kind' : 'embedded';
}

async function dockerRuns(): Promise<boolean> {
  try {
    await run(['docker', 'info', '--format', '{{.ServerVersion}}'], { timeoutMs: 10_000 });
    return true;
  } catch {
    return false;
  }
}

/** The backend of this name. */
export function openBackend(name: string, options: BackendOptions = {}): Backend {
  if (name === 'kind') {
    const nodeImage = options.nodeImage ?? process.env['BLACKSTART_NODE_IMAGE'];
    return kindBackend({ nodeImage, run, clock: systemClock });
  }
  if (name === 'embedded') {
    return embeddedBackend({ clock: systemClock, ...(options.isDetached && { ownerPid: null }) });
  }
  throw new BlackstartError('usage', `Unknown backend '${name}'`, { hint: 'Use --backend kind or embedded.' });
}
