import { encode } from 'dns-packet';
import type { Clock } from '../../../core/clock.ts';
import type { DnsMetrics } from '../../metrics/dns-metrics.ts';
import { rcodeName, type Query } from '../plugin.ts';
import { readReply, type UpstreamReply } from '../wire/read-reply.ts';
import { writeQuery } from '../wire/write-reply.ts';
import { ConnectionEnded, dial, type Connection, type Protocol, type UpstreamAddress } from './connection.ts';
import type { ForwardSettings } from './settings.ts';

/** CoreDNS's. */
const timeouts = { readMs: 2_000, leastDialMs: 1_000, mostDialMs: 30_000, checkDialMs: 2_000, checkReadMs: 1_000 };
/** The weight of a new dial time in the average is one of so many. */
const dialAverageOver = 4;
const recursionDesiredBit = 0x0100;

export interface UpstreamContext {
  readonly clock: Clock;
  readonly metrics: DnsMetrics['forward'];
}

type UpstreamSettings = Pick<ForwardSettings, 'healthCheck' | 'expireMs' | 'forceTcp' | 'maxFails'>;

/** A server that queries are forwarded to, with its connections and its health. */
export class Upstream {
  readonly address: UpstreamAddress;
  readonly #settings: UpstreamSettings;
  readonly #context: UpstreamContext;
  readonly #idle: Record<Protocol, Map<Connection, NodeJS.Timeout>> = { udp: new Map(), tcp: new Map() };
  #averageDialMs = timeouts.mostDialMs / 2;
  #fails = 0;
  #isChecking = false;
  #isStopped = false;

  constructor(address: UpstreamAddress, settings: UpstreamSettings, context: UpstreamContext) {
    this.address = address;
    this.#settings = settings;
    this.#context = context;
  }

  /** More health checks in a row have failed than it may. */
  get isDown(): boolean {
    return this.#settings.maxFails > 0 && this.#fails > this.#settings.maxFails;
  }

  /** Asks. Where an idle connection turns out to be closed by the other side, the next one is taken. */
  async ask(query: Query): Promise<UpstreamReply> {
    const startMs = this.#context.clock.monotonicMs();
    const protocol = this.#settings.forceTcp ? 'tcp' : query.transport;
    for (;;) {
      const idle = this.#takeIdle(protocol);
      const connection = idle ?? (await this.#dial(protocol));
      try {
        const message = await connection.exchange(writeQuery(randomId(), query), timeouts.readMs);
        const answer = readReply(message, 'forward');
        this.#keepIdle(protocol, connection);
        this.#observe(startMs, answer);
        return answer;
      } catch (problem) {
        connection.close();
        if (!(problem instanceof ConnectionEnded && idle)) throw problem;
      }
    }
  }

  /** Checks until it is healthy again, unless that is going on. Any answer is good enough. */
  check(): void {
    if (this.#settings.maxFails === 0 || this.#isChecking || this.#isStopped) return;
    this.#isChecking = true;
    void this.#checkUntilHealthy();
  }

  stop(): void {
    this.#isStopped = true;
    for (const connections of Object.values(this.#idle)) {
      for (const [connection, timer] of connections) {
        clearTimeout(timer);
        connection.close();
      }
      connections.clear();
    }
  }

  async #checkUntilHealthy(): Promise<void> {
    while (!this.#isStopped && !(await this.#isHealthy())) {
      this.#fails += 1;
      await this.#context.clock.sleep(this.#settings.healthCheck.intervalMs);
    }
    this.#fails = 0;
    this.#isChecking = false;
  }

  async #isHealthy(): Promise<boolean> {
    const { domain, recursionDesired } = this.#settings.healthCheck;
    const flags = recursionDesired ? recursionDesiredBit : 0;
    const ping = encode({ type: 'query', id: randomId(), flags, questions: [{ type: 'NS', name: domain }] });
    let connection: Connection | undefined;
    try {
      connection = await dial(this.#settings.forceTcp ? 'tcp' : 'udp', this.address, timeouts.checkDialMs);
      await connection.exchange(ping, timeouts.checkReadMs);
      return true;
    } catch {
      return false;
    } finally {
      connection?.close();
    }
  }

  async #dial(protocol: Protocol): Promise<Connection> {
    const { clock } = this.#context;
    const startMs = clock.monotonicMs();
    const { leastDialMs, mostDialMs } = timeouts;
    const timeoutMs = Math.min(Math.max(leastDialMs, 2 * this.#averageDialMs), mostDialMs);
    try {
      return await dial(protocol, this.address, timeoutMs);
    } finally {
      this.#averageDialMs += (clock.monotonicMs() - startMs - this.#averageDialMs) / dialAverageOver;
    }
  }

  /** The connection that was used last and is still open. */
  #takeIdle(protocol: Protocol): Connection | undefined {
    const connections = this.#idle[protocol];
    const last = [...connections].findLast(([{ isOpen }]) => isOpen);
    if (!last) return undefined;
    const [connection, timer] = last;
    clearTimeout(timer);
    connections.delete(connection);
    return connection;
  }

  #keepIdle(protocol: Protocol, connection: Connection): void {
    if (this.#isStopped) return connection.close();
    const connections = this.#idle[protocol];
    const expire = (): void => {
      connections.delete(connection);
      connection.close();
    };
    connections.set(connection, setTimeout(expire, this.#settings.expireMs));
  }

  #observe(startMs: number, { reply }: UpstreamReply): void {
    const labels = {
      proxy_name: 'forward',
      to: `${this.address.host}:${this.address.port}`,
      rcode: rcodeName(reply.rcode),
    };
    this.#context.metrics.duration.observe(labels, (this.#context.clock.monotonicMs() - startMs) / 1_000);
  }
}

function randomId(): number {
  return Math.floor(Math.random() * 0x1_0000);
}
