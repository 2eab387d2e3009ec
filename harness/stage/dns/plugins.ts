import type { Clock } from '../../core/clock.ts';
import type { Random } from '../../core/random.ts';
import type { DnsMetrics } from '../metrics/dns-metrics.ts';
import { Cache } from './cache/cache.ts';
import { cacheSettings } from './cache/settings.ts';
import { CorefileError } from './corefile/corefile-error.ts';
import { argsOf, durationMs, noOptions, unknownOption } from './corefile/option-values.ts';
import type { Directive, ServerBlock } from './corefile/parse-corefile.ts';
import { Forward } from './forward/forward.ts';
import { forwardSettings } from './forward/settings.ts';
import type { HttpEndpoints } from './http-endpoints.ts';
import { loadBalance } from './load-balance.ts';
import { logErrors, measure } from './measure.ts';
import type { Handler, Query, Reply } from './plugin.ts';

export type Log = (level: 'INFO' | 'WARNING' | 'ERROR', text: string) => void;

/** What all plugins of all server blocks share. */
export interface Shared {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: Pick<Random, 'next'>;
  readonly metrics: DnsMetrics;
  readonly log: Log;
  readonly http: HttpEndpoints;
  /** The plugins that are not ready yet. */
  readonly unready: () => readonly string[];
}

/** The server block that a plugin is set up in. */
export interface PluginContext extends Shared {
  readonly block: ServerBlock;
  /** The label `server` of the metrics. */
  readonly server: string;
  readonly family: '1' | '2';
  readonly serverZones: () => readonly string[];
  /** Asks the server as a client would. */
  readonly resolve: (query: Query) => Promise<Reply>;
}

/** What a plugin adds to a server. */
export interface Plugin {
  readonly wrap?: (next: Handler) => Handler;
  /** Before the server listens; it waits for this. */
  readonly start?: () => Promise<void>;
  readonly isReady?: () => boolean;
  readonly lameduckMs?: number;
  readonly stop?: () => void;
}

type SetUp = (directive: Directive, context: PluginContext) => Plugin | Promise<Plugin>;

const accepted: SetUp = (directive) => {
  noOptions(directive);
  return {};
};

/**
 * Every plugin that there is, from the outside to the inside: the order of CoreDNS, whatever that of the Corefile.
 * `reload` and `loop` are taken and do nothing; `bind` is read before.
 */
export const plugins: Readonly<Record<string, SetUp>> = {
  reload: accepted,
  bind: accepted,
  ready: (directive, { http, unready, env }) => {
    noOptions(directive);
    http.add(listenAddress(directive, ':8181', env), '/ready', () => {
      const names = unready().toSorted().join(',');
      return names === '' ? { status: 200, body: 'OK' } : { status: 503, body: names };
    });
    return {};
  },
  health: (directive, { http, env }) => {
    http.add(listenAddress(directive, ':8080', env), '/health', () => ({ status: 200, body: 'OK' }));
    let lameduckMs = 0;
    for (const option of directive.options) {
      if (option.name !== 'lameduck') throw unknownOption('health', option);
      lameduckMs = durationMs(option, argsOf(option, 1)[0]);
    }
    return { lameduckMs };
  },
  prometheus: (directive, context) => {
    noOptions(directive);
    const { http, metrics, env, clock, server, family, serverZones } = context;
    http.add(listenAddress(directive, 'localhost:9153', env), '/metrics', async () => {
      const { contentType, body } = await metrics.exposition();
      return { status: 200, contentType, body };
    });
    return { wrap: (next) => measure({ clock, metrics: metrics.server, server, family, zones: serverZones }, next) };
  },
  errors: (directive, { log }) => {
    argsOf(directive, 0);
    noOptions(directive);
    return { wrap: (next) => logErrors(log, next) };
  },
  loadbalance: (directive, { random }) => {
    noOptions(directive);
    const [policy = 'round_robin'] = argsOf(directive, 0, 1);
    if (policy !== 'round_robin') throw new CorefileError(directive.line, `loadbalance: unknown policy '${policy}'`);
    return { wrap: (next) => loadBalance(random, next) };
  },
  cache: (directive, { block, clock, metrics, server }) => {
    const settings = cacheSettings(directive, block.zones);
    return { wrap: (next) => new Cache(settings, { clock, metrics: metrics.cache, server }, next).handle };
  },
  kubernetes: async (directive, context) => {
    // A cache on a node needs no client of the API, and less memory without.
    const { setUpKubernetes } = await import('./kubernetes/set-up.ts');
    return setUpKubernetes(directive, context);
  },
  loop: accepted,
  forward: (directive, context) => {
    const settings = forwardSettings(directive);
    let forward: Forward | undefined;
    return {
      wrap: (next) => {
        forward = new Forward(settings, { ...context, metrics: context.metrics.forward }, next);
        return forward.handle;
      },
      stop: () => forward?.stop(),
    };
  },
};

/** `HOST:PORT` of a plugin's only argument. Without a host: the pod's own address, if there is one. */
function listenAddress(directive: Directive, byDefault: string, env: Shared['env']): string {
  const [address = byDefault] = argsOf(directive, 0, 1);
  const match = /^(.*):(\d+)$/.exec(address);
  if (!match) throw new CorefileError(directive.line, `'${address}' is no address: write host:port or :port`);
  const [, host = '', port = ''] = match;
  if (host === 'localhost') return `127.0.0.1:${port}`;
  return `${host || anyAddress(env)}:${port}`;
}

/** There are no network namespaces on the stage: a pod that listened everywhere would take the others' addresses. */
export function anyAddress(env: Shared['env']): string {
  return env['POD_IP'] || '0.0.0.0';
}
