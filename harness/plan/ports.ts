/** Ports on the worker nodes, all on the nodes' own network. They are the same in every cluster. */

/** The prober's HTTP server. */
export const proberPort = 9500;

/** How many node DNS caches fit: each needs a metrics port that was published when the cluster was made. */
export const maxCaches = 3;

/** The ports of the node DNS cache with this index (0, 1, …, below `maxCaches`). */
export function cachePorts(index: number): { readonly dnsPort: number; readonly metricsPort: number } {
  return { dnsPort: 9510 + index, metricsPort: 9520 + index };
}

/** What must be reachable from outside the cluster with the API down: the prober, and every cache's metrics. */
export const nodePorts: readonly number[] = [
  proberPort,
  ...Array.from({ length: maxCaches }, (_, index) => cachePorts(index).metricsPort),
];
