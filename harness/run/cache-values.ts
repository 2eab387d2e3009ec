import type { PlaceholderValues } from '../cluster/manifests.ts';
import { BlackstartError } from '../core/errors.ts';
import type { CacheUpstream } from '../experiment/spec.ts';
import type { PlannedLane, PlannedProbe } from '../plan/plan.ts';

/** A lane with a node DNS cache. */
export type CacheLane = PlannedLane & { readonly probe: PlannedProbe & { readonly kind: 'node-dns-cache' } };

export interface CacheSurroundings {
  /** ClusterIPs of kube-dns, and of the Service with all CoreDNS pods where a lane wants that. */
  readonly upstreams: { readonly [Which in CacheUpstream]?: string };
  readonly coreDnsImage: string;
  /** Different for every deployment, so that the caches are restarted and begin empty. */
  readonly deployed: string;
}

/** A TTL below this is shorter than CoreDNS's own noise, and the masking window could not be told from it. */
const minHoldMs = 5_000;
/** How long after its expiry an entry may still be served: longer than any outage that we make. */
const staleFor = '1h';

/** The plan's lanes that need a cache on every worker. */
export function cacheLanes(lanes: readonly PlannedLane[]): CacheLane[] {
  return lanes.filter((lane): lane is CacheLane => lane.probe.kind === 'node-dns-cache');
}

/** What is filled into `manifests/node-dns-cache/` for one lane. */
export function cacheValues({ name, probe }: CacheLane, surroundings: CacheSurroundings): PlaceholderValues {
  return {
    LANE: name,
    DNS_PORT: probe.dnsPort,
    METRICS_PORT: probe.metricsPort,
    TTL_S: cacheTtlS({ name, probe }),
    SERVE_STALE: probe.serveStale === 'off' ? '# serve_stale is off' : `serve_stale ${staleFor} ${probe.serveStale}`,
    FORCE_TCP: probe.forward === 'tcp' ? 'force_tcp' : '# force_tcp is off: UDP',
    UPSTREAM: upstreamOf(probe.upstream, surroundings),
    COREDNS_IMAGE: surroundings.coreDnsImage,
    DEPLOYED: surroundings.deployed,
  };
}

function upstreamOf(which: CacheUpstream, { upstreams }: CacheSurroundings): string {
  const address = upstreams[which];
  if (address === undefined)
    throw new BlackstartError('internal', `The address of upstream ${which} was not looked up`);
  return address;
}

/**
 * The TTL with which a cache holds an answer for exactly the hold. With `serve_stale`, CoreDNS counts the second in
 * which the TTL reads 0 as fresh, so an entry of 20 s is fresh for 21: there it is one less. Thus the lanes of a run,
 * primed at the same moment, run out at the same moment. Throws `invalid-experiment` for a hold that cannot be made.
 */
export function cacheTtlS({ name, probe }: Pick<CacheLane, 'name' | 'probe'>): number {
  const { holdMs, serveStale } = probe;
  if (holdMs < minHoldMs || holdMs % 1_000 !== 0) {
    throw new BlackstartError(
      'invalid-experiment',
      `Lane ${name}: a cache holds answers for whole seconds, 5 at least; the hold is ${holdMs / 1_000} s of wall time`,
      { hint: 'Choose another hold or time scale: hold ÷ time scale is the wall time.' },
    );
  }
  return holdMs / 1_000 - (serveStale === 'off' ? 0 : 1);
}
