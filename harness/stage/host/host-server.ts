import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf } from '../../core/errors.ts';
import type { NodeProcess } from './node-process.ts';

/**
 * Serves the host's socket: HTTP with JSON, for our user only. `GET /nodes`; `POST /nodes/NODE/pause` and `…/unpause`;
 * `POST /release`, after which the cluster no longer ends with its owner.
 */
export async function serveHost(path: string, nodes: readonly NodeProcess[], release: () => void): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing, nodes, release).catch((problem: unknown) =>
      send(outgoing, 500, { error: messageOf(problem) }),
    );
  });
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => server.on('error', reject).listen(path, resolve));
  return server;
}

async function answer(
  { method, url }: IncomingMessage,
  outgoing: ServerResponse,
  nodes: readonly NodeProcess[],
  release: () => void,
): Promise<void> {
  const call = `${method} ${url}`;
  if (call === 'GET /nodes') return send(outgoing, 200, nodes.map(describe));
  if (call === 'POST /release') {
    release();
    return send(outgoing, 200, {});
  }
  const [, name, action] = /^POST \/nodes\/([a-z0-9-]+)\/(pause|unpause)$/.exec(call) ?? [];
  const node = nodes.find((one) => one.node.name === name);
  if (!node) return send(outgoing, 404, { error: `no such thing: ${call}` });
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
