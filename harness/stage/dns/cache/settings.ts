import { CorefileError, normalZone, type Directive } from '../corefile.ts';
import { argsOf, durationMs, integer, readOptions } from '../options.ts';

export type CacheSettings = ReturnType<typeof cacheSettings>;

/** CoreDNS has 256 shards of at least four entries. */
const minCapacity = 1_024;

interface StoreSettings {
  capacity: number;
  maxTtlS: number;
  minTtlS: number;
  /** Names in these zones are not kept. */
  exceptZones: readonly string[];
}

/** `cache [TTL] { … }`. Defaults are CoreDNS's. */
export function cacheSettings(directive: Directive) {
  const [ttl] = argsOf(directive, 0, 1);
  const store = (maxTtlS: number): StoreSettings => ({
    capacity: 9_984,
    maxTtlS: ttl === undefined ? maxTtlS : integer(directive, 1, ttl),
    minTtlS: 5,
    exceptZones: [],
  });
  const settings = {
    success: store(3_600),
    denial: store(1_800),
    /** How long SERVFAIL and NOTIMP are kept; 0: not at all. */
    failureTtlS: 5,
    /** How long after its end an entry may be served; 0: not at all. */
    staleS: 0,
    /** Ask upstream before a stale entry is served, instead of at the same time. */
    verify: false,
  };
  readOptions(directive, {
    success: (option) => readStore(option, settings.success),
    denial: (option) => readStore(option, settings.denial),
    servfail: (option) => {
      settings.failureTtlS = durationMs(option) / 1_000;
    },
    serve_stale: (option) => Object.assign(settings, serveStale(option)),
    // `disable success|denial [ZONES…]`; without zones, everything.
    disable: (option) => {
      const [kind, ...zones] = argsOf(option, 1, Infinity);
      if (kind !== 'success' && kind !== 'denial') {
        throw new CorefileError(option.line, `disable takes 'success' or 'denial', not '${kind}'`);
      }
      settings[kind].exceptZones = zones.length > 0 ? zones.map(normalZone) : ['.'];
    },
  });
  return settings;
}

/** `success CAPACITY [TTL [MIN_TTL]]`. */
function readStore(option: Directive, store: StoreSettings): void {
  const [capacity, maxTtl, minTtl] = argsOf(option, 1, 3);
  store.capacity = Math.max(minCapacity, integer(option, 0, capacity));
  if (maxTtl !== undefined) store.maxTtlS = integer(option, 1, maxTtl);
  if (minTtl !== undefined) store.minTtlS = integer(option, 0, minTtl);
}

/** `serve_stale [DURATION [immediate|verify]]`. */
function serveStale(option: Directive): { staleS: number; verify: boolean } {
  const [duration = '1h', mode = 'immediate'] = argsOf(option, 0, 2);
  if (mode !== 'immediate' && mode !== 'verify') {
    throw new CorefileError(option.line, `serve_stale refreshes 'immediate' or 'verify', not '${mode}'`);
  }
  return { staleS: durationMs(option, duration) / 1_000, verify: mode === 'verify' };
}
