import { CorefileError, normalZone, type Directive } from '../corefile.ts';
import { argsOf, integer, readOptions } from '../options.ts';
import { isWithin, rcodes, replyWith } from '../plugin.ts';
import type { Handler, PluginContext, Query, ResourceRecord } from '../plugin.ts';
import { podAddress } from './names.ts';
import type { ClusterStore } from './store.ts';

/** CoreDNS's. */
const sync = { pollMs: 100, timeoutMs: 5_000 };

type KubernetesSettings = ReturnType<typeof kubernetesSettings>;

/** `kubernetes ZONES… { … }`. Defaults are CoreDNS's. */
export function kubernetesSettings(directive: Directive) {
  const settings = {
    zones: argsOf(directive, 1, Infinity).map(normalZone),
    /** Answer `1-2-3-4.NAMESPACE.pod.ZONE` with 1.2.3.4, whether there is such a pod or not. */
    podsInsecure: false,
    ttlS: 5,
    /** Names in these zones that are not known go to the next plugin. */
    fallthroughZones: [] as readonly string[],
    /** Where the API is, without credentials; undefined: what a pod finds in its environment. */
    endpoint: undefined as string | undefined,
  };
  readOptions(directive, {
    pods: (option) => {
      const [mode] = argsOf(option, 1);
      if (mode !== 'insecure') throw new CorefileError(option.line, `pods takes 'insecure', not '${mode}'`);
      settings.podsInsecure = true;
    },
    ttl: (option) => {
      settings.ttlS = integer(option, 0);
    },
    fallthrough: (option) => {
      settings.fallthroughZones = argsOf(option, 1, Infinity).map(normalZone);
    },
    endpoint: (option) => {
      settings.endpoint = argsOf(option, 1)[0];
    },
  });
  return settings;
}

/**
 * Answers for the names of a cluster from what the store knows, and never asks the API for a query. There are A records
 * and the SOA record; other types of a name that exists have no data.
 */
export function kubernetesHandler(settings: KubernetesSettings, store: ClusterStore, next: Handler): Handler {
  const { zones, ttlS, podsInsecure, fallthroughZones } = settings;
  return async (query) => {
    const zone = zones.find((one) => isWithin(one, query.key));
    if (zone === undefined) return await next(query);
    const { names } = store;
    const name = query.key.slice(0, -zone.length).replace(/\.$/, '');
    const addresses = names.get(name) ?? (podsInsecure ? podAddress(names, name) : undefined);
    if (!addresses && fallthroughZones.some((one) => isWithin(one, query.key))) return await next(query);
    const soa = soaRecord(query, zone, ttlS);
    const answers: ResourceRecord[] = query.type === 'SOA' && query.key === zone ? [soa] : [];
    if (query.type === 'A') {
      const all = { type: 'A', class: 'IN', name: query.name, ttl: ttlS } as const;
      answers.push(...Array.from(addresses ?? [], (data) => ({ ...all, data })));
    }
    // A name that an unsynced store does not know may exist all the same.
    const unknown = store.hasSynced() ? rcodes.NXDOMAIN : rcodes.SERVFAIL;
    return replyWith(addresses ? rcodes.NOERROR : unknown, {
      authoritative: true,
      answers,
      authorities: answers.length > 0 ? [] : [soa],
      plugin: 'kubernetes',
    });
  };
}

function soaRecord({ name }: Query, zone: string, ttl: number): ResourceRecord {
  // As the client wrote it: answers repeat it so.
  const asked = name.slice(-zone.length);
  const numbers = { serial: 1, refresh: 7_200, retry: 1_800, expire: 86_400, minimum: ttl };
  const data = { mname: `ns.dns.${asked}`, rname: `hostmaster.${asked}`, ...numbers };
  return { type: 'SOA', class: 'IN', name: asked, ttl, data };
}

/** Waits for the first sync, but not for ever: then the server starts without. */
export async function waitForSync(
  { hasSynced }: Pick<ClusterStore, 'hasSynced'>,
  { clock, log }: Pick<PluginContext, 'clock' | 'log'>,
): Promise<void> {
  const endMs = clock.monotonicMs() + sync.timeoutMs;
  while (!hasSynced() && clock.monotonicMs() < endMs) await clock.sleep(sync.pollMs);
  if (!hasSynced()) log('WARNING', 'plugin/kubernetes: starting server with unsynced Kubernetes API');
}
