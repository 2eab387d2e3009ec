import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf } from '../../core/errors.ts';
import { socketPath } from '../node/socket-path.ts';
import type { NodeProcess } from './node-process.ts';

export interface HostServerOptions {
  /** Path of the socket. */
  readonly path: string;
  readonly nodes: readonly NodeProcess[];
  readonly shutdown: () => void;
  /** The cluster no longer ends with its owner. */
  readonly release: () => void;
}

/**
 * Serves the host's socket: HTTP with JSON, for our user only. `GET /nodes`; `POST /nodes/NODE/pause` and `…/unpause`;
 * `POST /release`; `POST /shutdown`, which answers before it begins.
 */
export async function serveHost(options: HostServerOptions): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing, options).catch((problem: unknown) => send(outgoing, 500, { error: messageOf(problem) }));
  });
  rmSync(options.path, { force: true });
  const short = socketPath(options.path);
  const listening = Promise.withResolvers<void>();
  server.on('error', listening.reject);
  server.listen(short.path, () => listening.resolve());
  await listening.promise;
  short.close();
  return server;
}

async function answer(
  { method, url }: IncomingMessage,
  outgoing: ServerResponse,
  { nodes, shutdown, release }: HostServerOptions,
): Promise<void> {
  const [, name, action] = /^\/nodes\/([a-z0-9-]+)\/(pause|unpause)$/.exec(url ?? '') ?? [];
  if (method === 'GET' && url === '/nodes') return send(outgoing, 200, nodes.map(describe));
  if (method === 'POST' && url === '/shutdown') {
    outgoing.on('finish', shutdown);
    return send(outgoing, 200, {});
  }
  if (method === 'POST' && url === '/release') {
    release();
    return send(outgoing, 200, {});
  }
  if (method !== 'POST' || action === undefined)
    return send(outgoing, 404, { error: `no such thing: ${method} ${url}` });
  const node = nodes.find((one) => one.node.name === name);
  if (!node) return send(outgoing, 404, { error: `no such node: ${name}` });
  if (action === 'pause' && node.pid === undefined) return send(outgoing, 409, { error: `${name} does not run` });
  await (action === 'pause' ? node.pause() : node.unpause());
  send(outgoing, 200, describe(node));
}

function describe({ node, pid, isPaused }: NodeProcess): unknown {
  const { name, role, address } = node;
  return { name, role, address, pid: pid ?? null, paused: isPaused };
}

function send(outgoing: ServerResponse, status: number, body: unknown): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
