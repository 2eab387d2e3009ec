import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../../../core/errors.ts';
import { specOf, type PodSpec } from '../kinds/types.ts';
import { ApiStatus, badRequest, internal } from '../status.ts';
import { findNow, type Answer, type Api, type ApiRequest } from './api.ts';

/** What the node is asked with, as it was asked of us. */
const passedOn = ['follow', 'tailLines', 'previous', 'timestamps', 'sinceSeconds', 'sinceTime', 'limitBytes'];

/** A pod's log, read by the agent of its node and passed on as it comes. */
export async function podLog(api: Api, request: ApiRequest): Promise<Answer> {
  const { info, response, signal } = request;
  const spec = specOf<PodSpec>(findNow(api, request));
  if (!spec.nodeName) throw badRequest(`pod ${info.name} does not have a host assigned`);
  const container = containerOf(request, spec);
  const query = new URLSearchParams({ namespace: info.namespace, pod: info.name, container });
  for (const name of passedOn) {
    const value = info.query.get(name);
    if (value !== null) query.set(name, value);
  }
  const socket = join(api.dataDir, 'nodes', spec.nodeName, 'control.sock');
  const answer = await askNode(socket, `/logs?${query.toString()}`, signal);
  const code = answer.statusCode ?? 500;
  if (code >= 400 && code < 500)
    throw new ApiStatus(code, code === 404 ? 'NotFound' : 'BadRequest', await text(answer));
  if (code !== 200) throw internal(await text(answer));
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
  await pipeline(answer, response, { signal });
  return undefined;
}

function containerOf({ info }: ApiRequest, { containers = [], initContainers = [] }: Partial<PodSpec>): string {
  const names = containers.map((container) => container.name);
  const asked = info.query.get('container') || (names.length === 1 ? (names[0] ?? '') : '');
  if ([...names, ...initContainers.map((container) => container.name)].includes(asked)) return asked;
  if (asked !== '') throw badRequest(`container ${asked} is not valid for pod ${info.name}`);
  throw badRequest(`a container name must be specified for pod ${info.name}, choose one of: [${names.join(' ')}]`);
}

async function askNode(socketPath: string, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  try {
    const asked = httpRequest({ socketPath, path, signal }).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return answer;
  } catch (problem) {
    throw internal(`Get "unix://${socketPath}${path}": ${messageOf(problem)}`);
  }
}
