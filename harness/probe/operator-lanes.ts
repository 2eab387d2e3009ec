import { signInOf } from '../cluster/client-node.ts';
import type { Credentials } from '../cluster/cluster.ts';
import type { Plan } from '../plan/plan.ts';
import type { LaneConfig } from '../workload/prober/wire.ts';

/** The ConfigMap that operator lanes read and patch; nothing else uses it. */
const operatorProbe = { namespace: 'blackstart', name: 'operator-probe' } as const;

/** Its path in the API. */
export const operatorProbePath = `/api/v1/namespaces/${operatorProbe.namespace}/configmaps/${operatorProbe.name}`;

/** `kubectl get pods -A` asks for so many at a time. */
const listLimit = 500;

type ApiCall = Extract<LaneConfig, { kind: 'api-call' }>;

const calls = {
  get: { method: 'GET', path: operatorProbePath },
  list: { method: 'GET', path: `/api/v1/pods?limit=${listLimit}` },
  patch: {
    method: 'PATCH',
    path: operatorProbePath,
    contentType: 'application/merge-patch+json',
    body: JSON.stringify({ metadata: { annotations: { 'blackstart.dev/patched': '{{now}}' } } }),
  },
} as const satisfies Record<string, Pick<ApiCall, 'method' | 'body' | 'contentType'> & { readonly path: string }>;

/** What the operator's prober is told to do, itself among it; empty when the plan has no operator lane. */
export async function operatorLaneConfigs(plan: Plan, credentials: Credentials): Promise<LaneConfig[]> {
  if (!plan.lanes.some(({ probe }) => probe.kind === 'operator')) return [];
  const files = { admin: credentials.admin, 'break-glass': credentials.breakGlass } as const;
  return await Promise.all(
    plan.lanes.flatMap(({ name, rateHz, deadlineMs, probe }) => {
      if (probe.kind === 'loopback')
        return [Promise.resolve<LaneConfig>({ name, rateHz, deadlineMs, kind: 'loopback' })];
      if (probe.kind !== 'operator') return [];
      return [
        signInOf(files[probe.credential]).then(({ server, tls }): LaneConfig => {
          const { path, ...call } = calls[probe.call];
          return { name, rateHz, deadlineMs, kind: 'api-call', url: `${server}${path}`, tls, ...call };
        }),
      ];
    }),
  );
}
