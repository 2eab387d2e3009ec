import { messageOf } from '../../core/errors.ts';
import { CorefileError, type ServerBlock } from './corefile.ts';
import { listen } from './listen.ts';
import { argsOf } from './options.ts';
import { isWithin, rcodes, replyWith, Unanswered, type Handler, type Plugin, type PluginContext } from './plugin.ts';
import { plugins } from './plugins.ts';
import { readQuery, writeReply } from './wire.ts';

type Runtime = Omit<PluginContext, 'anyHost' | 'zone' | 'server' | 'unready'>;

/**
 * Runs a server block. Like CoreDNS it first opens its HTTP addresses, then waits for what plugins wait for, and only
 * then listens for DNS. Rejects with a CorefileError for what cannot be served, or when an address is not to be had.
 * Gives what is to be called before the process ends: it takes as long as `health` has it with `lameduck`.
 */
export async function runServer(block: ServerBlock, runtime: Runtime): Promise<() => Promise<void>> {
  const { zone, port } = block;
  // There are no network namespaces on the stage: a pod that listened everywhere would take the others' addresses.
  const anyHost = runtime.env['POD_IP'] || '0.0.0.0';
  const bind = block.plugins.find(({ name }) => name === 'bind');
  const [bound] = bind ? argsOf(bind, 1) : [];
  const named: (Plugin & { readonly name: string })[] = [];
  const unready = (): string[] => named.filter(({ isReady }) => isReady?.() === false).map(({ name }) => name);
  const context = { ...runtime, anyHost, zone, server: `dns://${bound ?? ''}:${port}`, unready };
  checkNames(block);
  for (const [name, setUp] of Object.entries(plugins)) {
    const directive = block.plugins.find((one) => one.name === name);
    if (directive) named.push({ name, ...(await setUp(directive, context)) });
  }
  for (const { start } of named) await start?.();
  const handle = named.reduceRight<Handler>(
    (next, { wrap }) => wrap?.(next) ?? next,
    (query) => Promise.reject(new Unanswered(rcodes.SERVFAIL, `no plugin answers for ${query.name}`)),
  );
  const host = bound ?? anyHost;
  await listen(host, port, answerer(zone, handle, runtime));
  runtime.log('INFO', `${zone} at ${host}:${port}`);
  return async () => {
    const lameduckMs = Math.max(0, ...named.map((plugin) => plugin.lameduckMs ?? 0));
    if (lameduckMs === 0) return;
    runtime.log('INFO', `plugin/health: Going into lameduck mode for ${lameduckMs / 1_000}s`);
    await runtime.clock.sleep(lameduckMs);
  };
}

function checkNames({ plugins: directives }: ServerBlock): void {
  const seen = new Set<string>();
  for (const { name, line } of directives) {
    if (!Object.hasOwn(plugins, name)) {
      throw new CorefileError(line, `Unknown plugin '${name}'; there is: ${Object.keys(plugins).join(', ')}`);
    }
    if (seen.has(name)) throw new CorefileError(line, `'${name}' can be used once per server block`);
    seen.add(name);
  }
}

/** What a listener does with a message: it always has an answer, but to what is no query. */
function answerer(
  zone: string,
  handle: Handler,
  { log, metrics }: Runtime,
): (message: Buffer, transport: 'udp' | 'tcp') => Promise<Buffer | undefined> {
  return async (message, transport) => {
    const query = readQuery(message, transport);
    if (!query || Buffer.isBuffer(query)) return query;
    if (!isWithin(zone, query.key)) return writeReply(query, replyWith(rcodes.REFUSED));
    try {
      return writeReply(query, await handle(query));
    } catch (problem) {
      if (problem instanceof Unanswered) return writeReply(query, replyWith(problem.rcode));
      metrics.panics.inc();
      log('ERROR', `Recovered from an exception: ${messageOf(problem)}`);
      return writeReply(query, replyWith(rcodes.SERVFAIL));
    }
  };
}
