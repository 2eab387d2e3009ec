import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { messageOf } from '../../core/errors.ts';
import { sendLogs } from './control-logs.ts';
import { ControlError, type NodeControl } from './node-control.ts';
import { socketPath } from './socket-path.ts';

interface Timed {
  readonly withinMs?: unknown;
  readonly timer?: unknown;
}

type Handler = (control: NodeControl, name: string, body: Timed, url: URL) => unknown;

/** Method and path, in which `*` is one name. */
const routes: readonly (readonly [route: string, handler: Handler])[] = [
  ['GET /containers', (control, _, __, url) => control.containers(url.searchParams.get('name') ?? undefined)],
  ['POST /containers/*/stop', async (control, id) => await control.stopContainer(id)],
  ['POST /containers/*/freeze', (control, id, body) => control.freeze(id, withinMs(body), timerOf(body))],
  ['POST /containers/*/thaw', (control, id, body) => control.thaw(id, optionalTimer(body))],
  ['GET /containers/*/frozen', (control, id) => control.isFrozen(id)],
  ['GET /static-pods/*', (control, name) => control.staticPod(name)],
  ['POST /static-pods/*/park', async (control, name, body) => await control.park(name, withinMs(body), timerOf(body))],
  ['POST /static-pods/*/restore', async (control, name, body) => await control.restore(name, optionalTimer(body))],
  ['GET /timers', (control) => control.timers()],
  ['POST /renew', (control) => control.renew()],
  ['GET /stats', (control) => control.stats()],
];

/**
 * Serves the node's control socket: HTTP with JSON. It works with the API down, and only our user can open it. An error's
 * body is `{error}`. Gives what closes it. Beside the routes above: `GET /logs?namespace=&pod=&container=`, text (see control-logs.ts).
 */
export async function serveControl(control: NodeControl, path: string): Promise<() => void> {
  const server = createServer((incoming, outgoing) => {
    answer(control, incoming, outgoing).catch((problem: unknown) => {
      if (outgoing.headersSent) outgoing.destroy();
      else send(outgoing, problem instanceof ControlError ? problem.status : 500, { error: messageOf(problem) });
    });
  });
  rmSync(path, { force: true });
  const short = socketPath(path);
  const listening = Promise.withResolvers<void>();
  server.on('error', listening.reject);
  server.listen(short.path, () => listening.resolve());
  await listening.promise;
  server.on('close', short.close);
  return () => {
    server.close();
    server.closeAllConnections();
    rmSync(path, { force: true });
  };
}

async function answer(control: NodeControl, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const url = new URL(incoming.url ?? '/', 'http://node');
  const parts = url.pathname.split('/').slice(1).map(decodeURIComponent);
  if (incoming.method === 'GET' && url.pathname === '/logs') return sendLogs(control, url.searchParams, outgoing);
  const [kind = '', name = '', ...more] = parts;
  if (parts.length > 1 && !/^[a-z0-9][a-z0-9.-]{0,252}$/.test(name)) throw new ControlError(400, `bad name: ${name}`);
  const pattern = parts.length === 1 ? `/${kind}` : `/${[kind, '*', ...more].join('/')}`;
  const handler = routes.find(([route]) => route === `${incoming.method} ${pattern}`)?.[1];
  if (!handler) throw new ControlError(404, `no such thing: ${incoming.method} ${url.pathname}`);
  send(outgoing, 200, (await handler(control, name, parse(await text(incoming)), url)) ?? {});
}

function parse(body: string): Timed {
  if (body === '') return {};
  try {
    return (JSON.parse(body) ?? {}) as Timed;
  } catch {
    throw new ControlError(400, 'the body is no JSON');
  }
}

function withinMs({ withinMs: ms }: Timed): number {
  if (typeof ms === 'number' && Number.isFinite(ms) && ms >= 0) return ms;
  throw new ControlError(400, 'withinMs: a number of milliseconds is needed');
}

function timerOf(body: Timed): string {
  const timer = optionalTimer(body);
  if (timer !== undefined) return timer;
  throw new ControlError(400, 'timer: a name is needed');
}

function optionalTimer({ timer }: Timed): string | undefined {
  if (timer === undefined) return undefined;
  if (typeof timer === 'string' && /^[a-zA-Z0-9][\w.-]{0,127}$/.test(timer)) return timer;
  throw new ControlError(400, 'timer: must be letters, digits, dots, dashes and underscores');
}

function send(outgoing: ServerResponse, status: number, body: unknown): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
