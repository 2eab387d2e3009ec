import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiConnection, GetResult } from './api-connection.ts';
import type { AgentConfig } from './config.ts';
import type { Counters } from './counters.ts';
import { retryDelayMs } from './retry.ts';

/** One node's agent. */
export interface NodeAgent {
  readonly config: AgentConfig;
  readonly node: string;
  readonly connection: ApiConnection;
  readonly counters: Counters;
  /** From 0 to 1. */
  random(): number;
  /** A cycle has ended; for the log. */
  onCycle(cycle: Cycle): void;
}

interface Cycle {
  readonly node: string;
  /** How its last request ended. */
  readonly code: string;
  readonly ms: number;
  readonly bytes: number;
  readonly retries: number;
}

/** Lists at its interval, whether or not earlier lists have ended, up to `concurrency` of them. Gives what ends it. */
export function startPolling(agent: NodeAgent, path: string): () => void {
  const { intervalMs, jitter, concurrency } = agent.config;
  const ended = new AbortController();
  const firstMs = performance.now() + agent.random() * intervalMs;
  let tick = 0;
  let underWay = 0;
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const dueMs = firstMs + (tick + agent.random() * jitter) * intervalMs;
    timer = setTimeout(fire, Math.max(0, dueMs - performance.now()));
  };
  const fire = (): void => {
    // Ticks that a standstill of this process has swallowed are lost: no burst after it.
    tick = Math.max(tick + 1, Math.floor((performance.now() - firstMs) / intervalMs));
    arm();
    if (underWay >= concurrency) return;
    underWay++;
    void cycle(agent, path, ended.signal).finally(() => underWay--);
  };
  arm();
  return () => {
    clearTimeout(timer);
    ended.abort();
  };
}

/** One request, and what the retry policy makes of its end. */
async function cycle(agent: NodeAgent, path: string, signal: AbortSignal): Promise<void> {
  let bytes = 0;
  const onData = (piece: Buffer): void => {
    bytes += piece.length;
  };
  for (let retries = 0; ; retries++) {
    const { code, ms, retryAfterMs } = await list(agent, path, onData);
    const delayMs = retryDelayMs(agent.config.retry, { code, retryAfterMs }, retries);
    if (delayMs === undefined) return agent.onCycle({ node: agent.node, code, ms, bytes, retries });
    try {
      await sleep(delayMs, undefined, { signal });
    } catch {
      return;
    }
  }
}

/** One list, counted. */
export async function list(
  { connection, counters, config }: NodeAgent,
  path: string,
  onData: (piece: Buffer) => void,
): Promise<GetResult> {
  counters.sent();
  const result = await connection.get({
    path,
    timeoutMs: config.timeoutMs,
    within: 'whole',
    readBytesPerS: config.readBytesPerS,
    onData: (piece) => {
      counters.received(piece.length);
      onData(piece);
    },
  });
  counters.ended(result.code, result.ms);
  return result;
}
