import { CorefileError } from '../corefile/corefile-error.ts';
import { argsOf, durationMs, integer, unknownOption, type Mutable } from '../corefile/option-values.ts';
import { normalZone, type Directive } from '../corefile/parse-corefile.ts';

export interface CacheSettings {
  readonly zones: readonly string[];
  readonly success: StoreSettings;
  readonly denial: StoreSettings;
  /** How long SERVFAIL and NOTIMP are kept; 0: not at all. */
  readonly failureTtlS: number;
  /** How long after its end an entry may be served; 0: not at all. */
  readonly staleS: number;
  /** Ask upstream before a stale entry is served, instead of at the same time. */
  readonly verify: boolean;
}

export interface StoreSettings {
  readonly capacity: number;
  readonly maxTtlS: number;
  readonly minTtlS: number;
  /** Names in these zones are not kept. */
  readonly exceptZones: readonly string[];
}

const maxFailureMs = 300_000;

/** `cache [TTL] [ZONES…] { … }`. Defaults are CoreDNS's. */
export function cacheSettings(directive: Directive, serverZones: readonly string[]): CacheSettings {
  const [first, ...others] = directive.args;
  const hasTtl = first !== undefined && /^-?\d+$/.test(first);
  const ttlS = hasTtl ? integer(directive, first, 1) : undefined;
  const zones = (hasTtl ? others : directive.args).map(normalZone);
  const store = (maxTtlS: number): Mutable<StoreSettings> => ({
    capacity: 10_000,
    maxTtlS: ttlS ?? maxTtlS,
    minTtlS: 5,
    exceptZones: [],
  });
  const success = store(3_600);
  const denial = store(1_800);
  const settings: Mutable<CacheSettings> = {
    zones: zones.length > 0 ? zones : serverZones,
    success,
    denial,
    failureTtlS: 5,
    staleS: 0,
    verify: false,
  };
  for (const option of directive.options) {
    if (option.name === 'success') readStore(option, success);
    else if (option.name === 'denial') readStore(option, denial);
    else if (option.name === 'servfail') settings.failureTtlS = failureTtlS(option);
    else if (option.name === 'serve_stale') Object.assign(settings, serveStale(option));
    else if (option.name === 'disable') readDisable(option, { success, denial });
    else throw unknownOption('cache', option);
  }
  return settings;
}

/** `success CAPACITY [TTL [MIN_TTL]]`. */
function readStore(option: Directive, store: Mutable<StoreSettings>): void {
  const [capacity, maxTtl, minTtl] = argsOf(option, 1, 3);
  store.capacity = integer(option, capacity, 0);
  if (maxTtl !== undefined) store.maxTtlS = integer(option, maxTtl, 1);
  if (minTtl !== undefined) store.minTtlS = integer(option, minTtl, 0);
}

function failureTtlS(option: Directive): number {
  const ms = durationMs(option, argsOf(option, 1)[0]);
  if (ms > maxFailureMs) throw new CorefileError(option.line, 'SERVFAIL must not be cached for more than 5 minutes');
  return ms / 1_000;
}

/** `serve_stale [DURATION [immediate|verify]]`. */
function serveStale(option: Directive): Pick<CacheSettings, 'staleS' | 'verify'> {
  const [duration = '1h', mode = 'immediate'] = argsOf(option, 0, 2);
  if (!['immediate', 'verify'].includes(mode.toLowerCase())) {
    throw new CorefileError(option.line, `serve_stale refreshes 'immediate' or 'verify', not '${mode}'`);
  }
  return { staleS: durationMs(option, duration) / 1_000, verify: mode.toLowerCase() === 'verify' };
}

/** `disable success|denial [ZONES…]`; without zones, everything. */
function readDisable(option: Directive, stores: Record<'success' | 'denial', Mutable<StoreSettings>>): void {
  const [store, ...zones] = argsOf(option, 1, Infinity);
  if (store !== 'success' && store !== 'denial') {
    throw new CorefileError(option.line, `disable takes 'success' or 'denial', not '${store}'`);
  }
  stores[store].exceptZones = zones.length > 0 ? zones.map(normalZone) : ['.'];
}
