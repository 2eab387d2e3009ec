import type { ServerResponse } from 'node:http';
import type { LogQuery } from './container-log.ts';
import { ControlError, type NodeControl } from './node-control.ts';

/**
 * `GET /logs`: what a container wrote, with the parameters of the API's `pods/log`: namespace, pod, container (may be left
 * out when there is only one), previous, follow, timestamps, tailLines, sinceTime, sinceSeconds, limitBytes. Errors are text.
 */
export function sendLogs(control: NodeControl, query: URLSearchParams, outgoing: ServerResponse): void {
  try {
    send(control, query, outgoing);
  } catch (problem) {
    if (!(problem instanceof ControlError)) throw problem;
    outgoing.writeHead(problem.status, { 'content-type': 'text/plain' }).end(problem.message);
  }
}

function send(control: NodeControl, query: URLSearchParams, outgoing: ServerResponse): void {
  const log = control.log(
    query.get('namespace') ?? 'default',
    query.get('pod') ?? '',
    query.get('container') ?? undefined,
    query.get('previous') === 'true',
  );
  const wanted = logQuery(query);
  let leftBytes = number(query, 'limitBytes') ?? Infinity;
  const write = (text: string): void => {
    const bytes = Buffer.from(text);
    if (leftBytes <= 0 || bytes.length === 0) return;
    outgoing.write(bytes.subarray(0, leftBytes));
    leftBytes -= bytes.length;
    if (leftBytes <= 0) outgoing.end();
  };
  outgoing.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  outgoing.flushHeaders();
  const unfollow = log.follow(wanted, write, () => outgoing.end());
  if (query.get('follow') !== 'true') {
    unfollow();
    outgoing.end();
  }
  outgoing.on('close', unfollow);
}

function logQuery(query: URLSearchParams): LogQuery {
  const sinceSeconds = number(query, 'sinceSeconds');
  const sinceTime = query.get('sinceTime') ?? undefined;
  return {
    tailLines: number(query, 'tailLines'),
    timestamps: query.get('timestamps') === 'true',
    sinceTime: sinceSeconds === undefined ? sinceTime : new Date(Date.now() - sinceSeconds * 1_000).toISOString(),
  };
}

function number(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new ControlError(400, `${name}: must be a whole number`);
}
