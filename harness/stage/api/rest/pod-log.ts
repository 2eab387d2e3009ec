import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../../../core/errors.ts';
import { specOf, type PodSpec } from '../kinds/fields.ts';
import { ApiStatus, badRequest, internal, notFound } from '../status.ts';
import { refOf, type Answer, type Api, type ApiRequest } from './api.ts';

/** What the node is asked with, as it was asked of us. */
const passedOn = ['follow', 'tailLines', 'previous', 'timestamps', 'sinceSeconds', 'sinceTime', 'limitBytes'];
const readable = /^[\w:.+-]+$/;

/** A pod's log, read by the agent of its node and passed on as it comes. */
export async function podLog(api: Api, request: ApiRequest): Promise<Answer> {
  const { type, info, response, signal } = request;
  api.store.sync();
  const pod = api.store.find(refOf(request));
  if (!pod) throw notFound(type, info.name);
  const spec = specOf<PodSpec>(pod);
  if (!spec.nodeName) throw badRequest(`pod ${info.name} does not have a host assigned`);
  const query = new URLSearchParams({
    namespace: info.namespace,
    pod: info.name,
    container: containerOf(request, spec),
  });
  for (const name of passedOn) {
    const value = info.query.get(name);
    if (value !== null && readable.test(value)) query.set(name, value);
  }
  const socket = join(api.dataDir, 'nodes', spec.nodeName, 'control.sock');
  const answer = await askNode(socket, `/logs?${query.toString()}`, signal);
  if (answer.statusCode !== 200) throw await refusal(answer);
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
  await pipeline(answer, response, { signal });
  return undefined;
}

function containerOf({ info }: ApiRequest, { containers = [], initContainers = [] }: Partial<PodSpec>): string {
  const names = containers.map((container) => container.name);
  const asked = info.query.get('container') ?? '';
  if (asked === '' && names.length === 1) return names[0] ?? '';
  if (asked === '') {
    throw badRequest(`a container name must be specified for pod ${info.name}, choose one of: [${names.join(' ')}]`);
  }
  if ([...names, ...initContainers.map((container) => container.name)].includes(asked)) return asked;
  throw badRequest(`container ${asked} is not valid for pod ${info.name}`);
}

async function askNode(socket: string, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  try {
    const asked = httpRequest({ socketPath: socket, path, signal });
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return answer;
  } catch (problem) {
    throw internal(`Get "unix://${socket}${path}": ${messageOf(problem)}`);
  }
}

async function refusal(answer: IncomingMessage): Promise<ApiStatus> {
  const text = Buffer.concat(await Array.fromAsync(answer as AsyncIterable<Buffer>)).toString('utf8');
  const code = answer.statusCode ?? 500;
  return code >= 400 && code < 500
    ? new ApiStatus(code, code === 404 ? 'NotFound' : 'BadRequest', text)
    : internal(text);
}
