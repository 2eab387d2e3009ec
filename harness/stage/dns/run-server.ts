import { addBlock, type NamedPlugin } from './add-block.ts';
import type { ServerBlock } from './corefile/parse-corefile.ts';
import type { DnsServer } from './dns-server.ts';
import { HttpEndpoints } from './http-endpoints.ts';
import { listen, type Listener } from './listen.ts';
import type { Shared } from './plugins.ts';

export interface RunningServer {
  /** Serves on for as long as `health` has it with `lameduck`, then ends. */
  stop(): Promise<void>;
}

type Runtime = Omit<Shared, 'http' | 'unready'>;

/**
 * Runs the server blocks. Like CoreDNS it first opens its HTTP addresses, then waits for what plugins wait for, and only then
 * listens for DNS. Throws a CorefileError for what cannot be served; rejects when an address is not to be had.
 */
export async function runServer(blocks: readonly ServerBlock[], runtime: Runtime): Promise<RunningServer> {
  const http = new HttpEndpoints();
  const named: NamedPlugin[] = [];
  const ready = new Set<NamedPlugin>();
  const unready = (): string[] => {
    for (const plugin of named) if (plugin.isReady?.() ?? true) ready.add(plugin);
    return named.filter((plugin) => !ready.has(plugin)).map(({ name }) => name);
  };
  const servers = new Map<string, DnsServer>();
  for (const block of blocks) named.push(...(await addBlock(block, servers, { ...runtime, http, unready })));
  await http.start();
  for (const { start } of named) await start?.();
  const listeners: Listener[] = [];
  for (const [address, server] of servers) {
    const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? [];
    listeners.push(
      await listen(host, Number(port), async (message, transport) => await server.answer(message, transport)),
    );
    for (const zone of server.zones) runtime.log('INFO', `${zone} at ${address}`);
  }
  return { stop: async () => await stopAll(named, http, listeners, runtime) };
}

async function stopAll(
  named: readonly NamedPlugin[],
  http: HttpEndpoints,
  listeners: readonly Listener[],
  { clock, log }: Runtime,
): Promise<void> {
  http.close('/ready');
  const lameduckMs = Math.max(0, ...named.map((plugin) => plugin.lameduckMs ?? 0));
  if (lameduckMs > 0) {
    log('INFO', `plugin/health: Going into lameduck mode for ${lameduckMs / 1_000}s`);
    await clock.sleep(lameduckMs);
  }
  http.close();
  for (const listener of listeners) listener.close();
  for (const { stop } of named) stop?.();
}
