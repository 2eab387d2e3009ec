import { Cache } from './cache/cache.ts';
import { cacheSettings } from './cache/settings.ts';
import { CorefileError, type Directive } from './corefile.ts';
import { forwarder } from './forward/forward.ts';
import { forwardSettings } from './forward/settings.ts';
import { serveHttp, type HttpAnswer } from './http.ts';
import { kubernetesHandler, kubernetesSettings, waitForSync } from './kubernetes/kubernetes.ts';
import { loadBalance } from './load-balance.ts';
import { logErrors, measure } from './measure.ts';
import { argsOf, durationMs, readOptions } from './options.ts';
import type { Plugin, PluginContext } from './plugin.ts';

type SetUp = (directive: Directive, context: PluginContext) => Plugin | Promise<Plugin>;

const accepted: SetUp = (directive) => {
  readOptions(directive, {});
  return {};
};

function takesNothing(directive: Directive): void {
  argsOf(directive, 0);
  readOptions(directive, {});
}

/**
 * Every plugin that there is, from the outside to the inside: the order of CoreDNS, whatever that of the Corefile.
 * `reload` and `loop` are taken and do nothing; `bind` is read before.
 */
export const plugins: Readonly<Record<string, SetUp>> = {
  reload: accepted,
  bind: accepted,
  ready: (directive, context) => {
    readOptions(directive, {});
    const address = httpAddress(directive, 8_181, context);
    const route = (): HttpAnswer => {
      const names = context.unready().toSorted().join(',');
      return names === '' ? { status: 200, body: 'OK' } : { status: 503, body: names };
    };
    return { start: async () => await serveHttp(address, '/ready', route) };
  },
  health: (directive, context) => {
    let lameduckMs = 0;
    readOptions(directive, {
      lameduck: (option) => {
        lameduckMs = durationMs(option);
      },
    });
    const address = httpAddress(directive, 8_080, context);
    return { lameduckMs, start: async () => await serveHttp(address, '/health', () => ({ status: 200, body: 'OK' })) };
  },
  prometheus: (directive, context) => {
    readOptions(directive, {});
    const address = httpAddress(directive, 9_153, context);
    const route = async (): Promise<HttpAnswer> => ({ status: 200, ...(await context.metrics.exposition()) });
    return {
      start: async () => await serveHttp(address, '/metrics', route),
      wrap: (next) => measure(context, next),
    };
  },
  errors: (directive, { log }) => {
    takesNothing(directive);
    return { wrap: (next) => logErrors(log, next) };
  },
  loadbalance: (directive, { random }) => {
    takesNothing(directive);
    return { wrap: (next) => loadBalance(random, next) };
  },
  cache: (directive, context) => {
    const settings = cacheSettings(directive);
    return { wrap: (next) => new Cache(settings, context, next).handle };
  },
  kubernetes: async (directive, context) => {
    // A cache on a node needs no client of the API, and less memory without.
    const { openClusterStore } = await import('./kubernetes/store.ts');
    const settings = kubernetesSettings(directive);
    const store = openClusterStore(settings.endpoint, context);
    return {
      wrap: (next) => kubernetesHandler(settings, store, next),
      start: async () => await waitForSync(store, context),
      isReady: store.hasSynced,
    };
  },
  loop: accepted,
  forward: (directive, context) => {
    const handle = forwarder(forwardSettings(directive), context);
    return { wrap: () => handle };
  },
};

/** The only argument of a plugin, `HOST:PORT` or `:PORT`. Without a host: the pod's own address. */
function httpAddress(
  directive: Directive,
  defaultPort: number,
  { anyHost }: Pick<PluginContext, 'anyHost'>,
): { host: string; port: number } {
  const [address = `:${defaultPort}`] = argsOf(directive, 0, 1);
  const match = /^([\d.]*):(\d+)$/.exec(address);
  if (!match) throw new CorefileError(directive.line, `'${address}' is no address: write host:port or :port`);
  return { host: match[1] || anyHost, port: Number(match[2]) };
}
