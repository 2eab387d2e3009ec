import { freemem } from 'node:os';
import { BlackstartError } from '../core/errors.ts';
import type { Plan } from '../plan/plan.ts';

/**
 * Bytes that a fake pod needs while agents LIST all of them. kind: seen with 10,000 pods, 3.9 GB in the API server and
 * 1.9 GB in etcd. embedded: 30,000 pods within 2 GB, the rest of the cluster among it.
 */
const bytesPerPod: Readonly<Record<string, number>> = { kind: 580_000, embedded: 60_000 };

/** Throws `usage` with the estimate when the fake pods of this plan would not fit into the memory that is free here. */
export function assertFits({ backend, cluster: { telemetry } }: Plan, freeBytes = freemem()): void {
  if (!telemetry) return;
  const { fakeNodes, podsPerNode } = telemetry;
  const pods = fakeNodes * podsPerNode;
  const perPod = bytesPerPod[backend] ?? 0;
  if (pods * perPod <= freeBytes) return;
  const most = Math.floor(freeBytes / perPod / podsPerNode);
  throw new BlackstartError(
    'usage',
    `${fakeNodes} nodes with ${podsPerNode} fake pods each need about ${gigabytes(pods * perPod)} of memory; ${gigabytes(freeBytes)} are free`,
    { hint: `Take at most ${most} nodes, or fewer pods on each.` },
  );
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
