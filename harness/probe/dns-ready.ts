import { BlackstartError } from '../core/errors.ts';
import { poll } from '../core/poll.ts';
import { proberPort } from '../plan/ports.ts';
import { resolveLane } from './lane-config.ts';
import { openProberClient } from './prober-client.ts';
import type { ProbingOptions } from './probing.ts';

/** Wall time in which every CoreDNS pod must have heard of the service; its reflectors wait up to 30 s between tries. */
const timeoutMs = 90_000;
const rateHz = 10;
/** So many answers in a row count as "it knows". */
const answers = 10;

/**
 * Waits until every single CoreDNS pod resolves the service's name, asked by the prober of every worker. A new service is
 * unknown to a CoreDNS pod whose watch is behind, and one NXDOMAIN at the start poisons a cache with serve_stale for the
 * whole run (seen on kind). Rejects with `cluster`, naming what was answered.
 */
export async function waitForDns(options: ProbingOptions): Promise<void> {
  const { cluster, plan, nowMs, clock, signal } = options;
  const addresses = await coreDnsAddresses(options);
  const lanes = addresses.map((address, index) => ({
    name: `coredns-${index}`,
    rateHz,
    deadlineMs: 2_000,
    ...resolveLane(plan.service, { address, port: 53 }),
  }));
  const workers = cluster.nodes.filter((node) => node.role === 'worker');
  await Promise.all(
    workers.map(async ({ name }) => {
      const client = openProberClient(cluster.nodeUrl(name, proberPort), nowMs);
      try {
        const { nowMs: nodeMs } = await poll(() => client.clock(), {
          clock,
          signal,
          intervalMs: 200,
          timeoutMs: 30_000,
          what: `the prober on ${name}`,
        });
        await client.start({ startAtMs: nodeMs + 100, lanes });
        await poll(
          async () =>
            (await allKnow(
              client,
              lanes.map((lane) => lane.name),
            )) || undefined,
          {
            clock,
            signal,
            intervalMs: 500,
            timeoutMs,
            what: `every CoreDNS pod to know ${plan.service.namespace}/${plan.service.name}, asked from ${name}`,
          },
        );
      } finally {
        client.close();
      }
    }),
  );
}

async function allKnow(client: ReturnType<typeof openProberClient>, lanes: readonly string[]): Promise<boolean> {
  const { lanes: rows } = await client.samples(new Map(lanes.map((lane) => [lane, 0])));
  const problems = lanes.flatMap((lane) => {
    const outcomes = (rows[lane]?.rows ?? []).slice(-answers).map(([, , , outcome]) => outcome);
    // What comes after the lookup (no endpoint yet, say) is the steady state's matter.
    const bad = outcomes.find((outcome) => outcome.startsWith('resolve:'));
    return bad === undefined && outcomes.length >= answers ? [] : [`${lane}: ${bad ?? 'too few answers yet'}`];
  });
  if (problems.length > 0) throw new BlackstartError('cluster', problems.join(', '));
  return true;
}

async function coreDnsAddresses({ cluster }: ProbingOptions): Promise<readonly string[]> {
  const selector = { namespace: 'kube-system', labelSelector: 'k8s-app=kube-dns' };
  const pods = await cluster.api.list({ apiVersion: 'v1', kind: 'Pod', ...selector });
  return pods
    .filter((pod) => pod.metadata.deletionTimestamp === undefined)
    .map((pod) => pod.status?.['podIP'])
    .filter((address) => typeof address === 'string');
}
