import type { Backend } from '../cluster/cluster.ts';
import { kindBackend } from '../cluster/kind/kind-backend.ts';
import { systemClock } from '../core/clock.ts';
import { run } from '../core/command.ts';
import { BlackstartError } from '../core/errors.ts';

export interface BackendOptions {
  readonly nodeImage?: string | undefined;
}

/** The backend of this name. */
export function openBackend(name: string, options: BackendOptions = {}): Backend {
  if (name !== 'kind') throw new BlackstartError('usage', `Unknown backend '${name}'`, { hint: 'Use --backend kind.' });
  return kindBackend({
    nodeImage: options.nodeImage ?? process.env['BLACKSTART_NODE_IMAGE'],
    run,
    clock: systemClock,
  });
}
