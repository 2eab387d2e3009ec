import { setTimeout as sleep } from 'node:timers/promises';
import { isOk } from './counters.ts';
import { listPath, watchPath } from './paths.ts';
import { list, type NodeAgent } from './polling.ts';

/** Kubernetes' own client waits so long before it lists again, up to the cap; a watch that lived resets it. */
const firstBackOffMs = 800;
const backOffCapMs = 30_000;
/** A watch ends by itself after this up to twice this, as that of Kubernetes' own client. */
const watchS = 300;
/** Enough for the head of a list, in which the resourceVersion is. */
const headBytes = 1_024;

/** Lists once, then watches; again, after a back-off, when the watch ends. Gives what ends it. */
export function startWatching(agent: NodeAgent): () => void {
  const ended = new AbortController();
  void keepWatching(agent, ended.signal).catch(() => undefined);
  return () => ended.abort();
}

/** Rejects when the signal ends it. */
async function keepWatching(agent: NodeAgent, signal: AbortSignal): Promise<void> {
  await sleep(agent.random() * agent.config.intervalMs, undefined, { signal });
  for (let backOffMs = firstBackOffMs; ;) {
    const livedMs = await listAndWatch(agent);
    if (livedMs > backOffCapMs) backOffMs = firstBackOffMs;
    await sleep(backOffMs * (1 + agent.random()), undefined, { signal });
    backOffMs = Math.min(backOffMs * 2, backOffCapMs);
  }
}

/** How long the watch was open; 0 when it did not come to that. */
async function listAndWatch(agent: NodeAgent): Promise<number> {
  const { config, node } = agent;
  let head = '';
  let bytes = 0;
  const listed = await list(agent, listPath(config, node), (piece) => {
    if (head.length < headBytes) head += piece.toString('latin1', 0, headBytes);
    bytes += piece.length;
  });
  agent.onCycle({ node, code: listed.code, ms: listed.ms, bytes, retries: 0 });
  if (!isOk(listed.code)) return 0;
  // Without one, everything is told once more; the lists of every API server have it in their first bytes.
  const version = /"resourceVersion":\s*"(\d+)"/.exec(head)?.[1] ?? '0';
  const timeoutS = Math.round(watchS * (1 + agent.random()));
  return await watch(agent, watchPath(config, node, version, timeoutS));
}

async function watch(agent: NodeAgent, path: string): Promise<number> {
  const { connection, config, counters, node } = agent;
  let begunMs: number | undefined;
  let bytes = 0;
  counters.sent();
  const { code, ms } = await connection.get({
    path,
    timeoutMs: config.timeoutMs,
    within: 'beginning',
    onBegin: (status) => {
      counters.ended(status);
      begunMs = performance.now();
    },
    onData: (piece) => {
      bytes += piece.length;
      counters.received(piece.length);
      counters.watched(linesIn(piece));
    },
  });
  agent.onCycle({ node, code, ms, bytes, retries: 0 });
  if (begunMs !== undefined) return performance.now() - begunMs;
  counters.ended(code);
  return 0;
}

function linesIn(piece: Buffer): number {
  let lines = 0;
  for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) lines++;
  return lines;
}
