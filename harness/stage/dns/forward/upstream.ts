import { encode, RECURSION_DESIRED } from 'dns-packet';
import { rcodeName, type PluginContext, type Query, type Reply } from '../plugin.ts';
import { readReply, writeQuery } from '../wire.ts';
import { ConnectionEnded, dial, type Connection, type UpstreamAddress } from './connection.ts';
import type { ForwardSettings } from './settings.ts';

/** CoreDNS's. */
const timeouts = { readMs: 2_000, checkReadMs: 1_000, idleMs: 10_000 };

type UpstreamContext = Pick<PluginContext, 'clock' | 'metrics'>;

/** A server that queries are forwarded to, with its connections and its health. */
export class Upstream {
  readonly #address: UpstreamAddress;
  readonly #settings: ForwardSettings;
  readonly #context: UpstreamContext;
  /** The connections that no query uses now; what was used last is at the end. */
  readonly #idle: Record<'udp' | 'tcp', Connection[]> = { udp: [], tcp: [] };
  #fails = 0;
  #isChecking = false;

  constructor(address: UpstreamAddress, settings: ForwardSettings, context: UpstreamContext) {
    this.#address = address;
    this.#settings = settings;
    this.#context = context;
  }

  /** More health checks in a row have failed than it may. */
  get isDown(): boolean {
    return this.#settings.maxFails > 0 && this.#fails > this.#settings.maxFails;
  }

  /** Asks. Where an idle connection turns out to be closed by the other side, the next one is taken. */
  async ask(query: Query): Promise<Reply> {
    const { clock, metrics } = this.#context;
    const startMs = clock.monotonicMs();
    const transport = this.#settings.forceTcp ? 'tcp' : query.transport;
    for (;;) {
      const idle = this.#takeIdle(transport);
      const connection = idle ?? (await dial(transport, this.#address));
      try {
        const reply = readReply(await connection.exchange(writeQuery(query), timeouts.readMs), query);
        connection.idleSinceMs = clock.monotonicMs();
        this.#idle[transport].push(connection);
        const to = `${this.#address.host}:${this.#address.port}`;
        const labels = { proxy_name: 'forward', to, rcode: rcodeName(reply.rcode) };
        metrics.forward.duration.observe(labels, (clock.monotonicMs() - startMs) / 1_000);
        return reply;
      } catch (problem) {
        connection.close();
        if (!(problem instanceof ConnectionEnded && idle)) throw problem;
      }
    }
  }

  /** Checks until it is healthy again, unless that is going on. Any answer is good enough. */
  async check(): Promise<void> {
    if (this.#settings.maxFails === 0 || this.#isChecking) return;
    this.#isChecking = true;
    while (!(await this.#isHealthy())) {
      this.#fails += 1;
      await this.#context.clock.sleep(this.#settings.healthCheck.intervalMs);
    }
    this.#fails = 0;
    this.#isChecking = false;
  }

  async #isHealthy(): Promise<boolean> {
    const questions = [{ type: 'NS' as const, name: this.#settings.healthCheck.domain }];
    const ping = encode({ type: 'query', id: 1, flags: RECURSION_DESIRED, questions });
    let connection: Connection | undefined;
    try {
      connection = await dial(this.#settings.forceTcp ? 'tcp' : 'udp', this.#address);
      await connection.exchange(ping, timeouts.checkReadMs);
      return true;
    } catch {
      return false;
    } finally {
      connection?.close();
    }
  }

  /** The connection that was used last and is still open. Those that were idle for too long are closed. */
  #takeIdle(transport: 'udp' | 'tcp'): Connection | undefined {
    const connections = this.#idle[transport];
    const oldestMs = this.#context.clock.monotonicMs() - timeouts.idleMs;
    while (connections[0] && connections[0].idleSinceMs < oldestMs) connections.shift()?.close();
    let last = connections.pop();
    while (last?.isOpen === false) last = connections.pop();
    return last;
  }
}
