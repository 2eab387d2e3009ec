import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { messageOf } from '../../core/errors.ts';
import { StatusError } from '../client/status-error.ts';
import type { ContainerRecords } from './container-records.ts';
import type { ControlHandler } from './control.ts';

/** How often somebody who follows a log is told what is new. */
const followMs = 100;
/** What `pods/log` can ask for and needs the time of every line. */
const unknownOfLogs = ['timestamps', 'sinceTime', 'sinceSeconds', 'limitBytes'];

/**
 * Serves the node's control socket: HTTP with JSON, and text at `GET /logs?namespace=&pod=&container=`. It works with
 * the API down, and only our user can open it. An error's body is `{error}`. Gives what closes it.
 */
export async function serveControl(
  path: string,
  records: ContainerRecords,
  routes: Readonly<Record<string, ControlHandler>>,
): Promise<() => void> {
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { method, url = '/' } = incoming;
    const { pathname, searchParams } = new URL(url, 'http://node');
    if (method === 'GET' && pathname === '/logs') return await sendLogs(records, searchParams, outgoing);
    const [kind, name = '', ...more] = pathname.split('/').slice(1).map(decodeURIComponent);
    if (!/^([a-z0-9][a-z0-9.-]{0,252})?$/.test(name)) throw new StatusError(`bad name: ${name}`, { code: 400 });
    const handler = routes[`${method} /${[kind, ...(name === '' ? [] : ['*']), ...more].join('/')}`];
    if (!handler) throw new StatusError(`no such thing: ${method} ${pathname}`, { code: 404 });
    const body = JSON.parse((await text(incoming)) || '{}') as object;
    send(outgoing, 200, (await handler(name, body, searchParams)) ?? {});
  };
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((problem: unknown) => {
      if (outgoing.headersSent) outgoing.destroy();
      else send(outgoing, (problem instanceof StatusError && problem.code) || 500, { error: messageOf(problem) });
    });
  });
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => server.on('error', reject).listen(path, resolve));
  return () => {
    server.close();
    server.closeAllConnections();
    rmSync(path, { force: true });
  };
}

async function sendLogs(records: ContainerRecords, query: URLSearchParams, outgoing: ServerResponse): Promise<void> {
  const [namespace = '', pod = '', name = ''] = ['namespace', 'pod', 'container'].map((one) => query.get(one) ?? '');
  const unknown = unknownOfLogs.find((one) => (query.get(one) ?? 'false') !== 'false');
  const isPrevious = query.get('previous') === 'true';
  const record = records.find({ namespace, pod, name })[isPrevious ? 1 : 0];
  const found = isPrevious ? 'previous terminated container' : 'container';
  if (unknown !== undefined || !record) {
    const why = unknown === undefined ? `${found} "${name}" in pod "${pod}" not found` : `this stage has no ${unknown}`;
    outgoing.writeHead(unknown === undefined ? 404 : 400, { 'content-type': 'text/plain' }).end(why);
    return;
  }
  outgoing.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).flushHeaders();
  // It can be read to its end also when it was removed meanwhile.
  const file = await open(record.log);
  try {
    let at = tailStart(await file.readFile('utf8'), Number(query.get('tailLines') ?? Infinity));
    for (let isOver = false; !isOver && !outgoing.destroyed; await setTimeout(isOver ? 0 : followMs)) {
      isOver = query.get('follow') !== 'true' || record.ended !== undefined;
      for await (const chunk of file.createReadStream({ start: at, autoClose: false })) {
        at += (chunk as Buffer).length;
        if (!outgoing.write(chunk)) await Promise.race([once(outgoing, 'drain'), once(outgoing, 'close')]);
      }
    }
  } finally {
    await file.close();
  }
  outgoing.end();
}

/** Where the last lines begin, in bytes. */
function tailStart(log: string, tailLines: number): number {
  const lines = log.split(/(?<=\n)/);
  return Buffer.byteLength(lines.slice(0, Math.max(0, lines.length - tailLines)).join(''));
}

function send(outgoing: ServerResponse, status: number, body: unknown): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
