import { isIP, isIPv6 } from 'node:net';
import { CorefileError } from './corefile/corefile-error.ts';
import { argsOf } from './corefile/option-values.ts';
import type { ServerBlock } from './corefile/parse-corefile.ts';
import { DnsServer } from './dns-server.ts';
import { bare, rcodes, Unanswered, type Handler } from './plugin.ts';
import { anyAddress, plugins, type Plugin, type PluginContext, type Shared } from './plugins.ts';

/** A plugin of a server block under its name. */
export interface NamedPlugin extends Plugin {
  readonly name: string;
}

/** These may be there more than once in a block. */
const repeatable = ['forward', 'bind'];

const noNext: Handler = (query) =>
  Promise.reject(new Unanswered(rcodes.SERVFAIL, `no plugin answers for ${query.name}`));

/** Sets up the plugins of a block, and adds it to the server of each of its addresses (`HOST:PORT`). Throws a CorefileError. */
export async function addBlock(
  block: ServerBlock,
  servers: Map<string, DnsServer>,
  shared: Shared,
): Promise<NamedPlugin[]> {
  checkNames(block);
  const hosts = listenHosts(block, shared.env);
  const [host = ''] = hosts;
  const atHosts = hosts.map((one) => serverAt(`${one}:${block.port}`, block, servers, shared));
  const isBound = block.directives.some(({ name }) => name === 'bind');
  const context: PluginContext = {
    ...shared,
    block,
    server: `dns://${isBound ? host : ''}:${block.port}`,
    family: isIPv6(host) ? '2' : '1',
    serverZones: () => atHosts[0]?.zones ?? [],
    resolve: async (query) => (await atHosts[0]?.resolve(query)) ?? bare(rcodes.SERVFAIL),
  };
  const named: NamedPlugin[] = [];
  for (const [name, setUp] of Object.entries(plugins)) {
    for (const directive of block.directives.filter((one) => one.name === name)) {
      named.push({ name, ...(await setUp(directive, context)) });
    }
  }
  const handle = named.reduceRight<Handler>((next, { wrap }) => wrap?.(next) ?? next, noNext);
  const takesAnyClass = named.some(({ name }) => name === 'forward');
  for (const server of atHosts) server.add({ zones: block.zones, handle, takesAnyClass });
  return named;
}

function checkNames({ directives }: ServerBlock): void {
  const seen = new Set<string>();
  for (const { name, line } of directives) {
    if (!Object.hasOwn(plugins, name)) {
      throw new CorefileError(line, `Unknown plugin '${name}'; there is: ${Object.keys(plugins).join(', ')}`);
    }
    if (seen.has(name) && !repeatable.includes(name)) {
      throw new CorefileError(line, `'${name}' can be used once per server block`);
    }
    seen.add(name);
  }
}

function serverAt(
  address: string,
  block: ServerBlock,
  servers: Map<string, DnsServer>,
  { log, metrics }: Shared,
): DnsServer {
  const onPanic = (problem: string): void => {
    metrics.panics.inc();
    log('ERROR', `Recovered from an exception: ${problem}`);
  };
  const server = servers.get(address) ?? new DnsServer(onPanic);
  const double = block.zones.find((zone) => server.zones.includes(zone));
  if (double !== undefined) {
    throw new CorefileError(block.line, `${double} at ${address} is served by another block already`);
  }
  servers.set(address, server);
  return server;
}

function listenHosts({ directives }: ServerBlock, env: Shared['env']): string[] {
  const binds = directives.filter(({ name }) => name === 'bind');
  if (binds.length === 0) return [anyAddress(env)];
  return binds.flatMap((directive) =>
    argsOf(directive, 1, Infinity).map((host) => {
      if (isIP(host) === 0) throw new CorefileError(directive.line, `bind takes IP addresses, not '${host}'`);
      return host;
    }),
  );
}
