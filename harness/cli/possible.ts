import type { Backend } from '../cluster/cluster.ts';
import { BlackstartError } from '../core/errors.ts';
import type { Plan } from '../plan/plan.ts';

/** Throws `usage` for a fault that this backend cannot do, before anything is made. */
export function assertPossible(plan: Pick<Plan, 'method'>, backend: Pick<Backend, 'name' | 'limitsCpu'>): void {
  const wanting = plan.method.find((step) => step.kind === 'inject' && step.fault.kind === 'api-server-cpu');
  if (wanting?.kind !== 'inject' || backend.limitsCpu) return;
  const message = `Fault ${wanting.name} limits the CPU of the API server, which needs cgroups; ${backend.name} clusters have none`;
  throw new BlackstartError('usage', message, { hint: 'Run it with --backend kind, or choose another mechanism.' });
}
