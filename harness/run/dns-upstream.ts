import { resolve } from 'node:path';
import { applyObjects } from '../cluster/apply.ts';
import { dnsUpstream } from '../cluster/kube-dns.ts';
import { loadManifests } from '../cluster/manifests.ts';
import { pasteable } from '../core/command.ts';
import type { Change } from '../undo/change.ts';
import { cacheLanes } from './cache-values.ts';
import type { WorkloadsContext } from './workloads.ts';

const deleteTimeoutS = 30;

/** True when a cache of the plan asks CoreDNS pods that are not ready too. */
export function needsDnsUpstream({ plan }: Pick<WorkloadsContext, 'plan'>): boolean {
  return cacheLanes(plan.lanes).some(({ probe }) => probe.upstream === 'all');
}

/** The Service that those caches ask. It stands beside CoreDNS, outside our own namespace, so it has an undo of its own. */
export function dnsUpstreamChange({ cluster, run, signal }: WorkloadsContext): Change {
  const { namespace, name } = dnsUpstream;
  const flags = ['--ignore-not-found', '--wait=true', `--timeout=${deleteTimeoutS}s`];
  const argv = [...cluster.kubectl, 'delete', `service/${name}`, '-n', namespace, ...flags];
  return {
    describe: `Service ${namespace}/${name}`,
    undo: { argv, timeoutMs: (deleteTimeoutS + 10) * 1_000 },
    needs: 'api',
    snapshot: async () => undefined,
    apply: async () => {
      const manifest = resolve(import.meta.dirname, '../../manifests/dns-upstream.yaml');
      await applyObjects(loadManifests(manifest, {}), { kubectl: cluster.kubectl, run, signal });
    },
    verify: async () => {
      const left = await cluster.api.get({ apiVersion: 'v1', kind: 'Service', namespace, name });
      return left ? [{ what: `Service ${namespace}/${name}`, command: pasteable(argv) }] : [];
    },
  };
}
