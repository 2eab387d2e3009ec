import { createServer, type Server } from 'node:http';

export interface ModelServerSettings {
  readonly pod: string;
  readonly node: string;
}

/** Answers every GET / with who answered; GET /healthz for the kubelet. Not yet listening. */
export function createModelServer(settings: ModelServerSettings): Server {
  return createServer((request, response) => {
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(`${JSON.stringify(body)}\n`);
    };
    if (request.method !== 'GET') return answer(405, { error: 'Only GET' });
    if (request.url === '/healthz') return answer(200, { status: 'ok' });
    if (request.url !== '/') return answer(404, { error: 'Only / and /healthz' });
    answer(200, { pod: settings.pod, node: settings.node });
  });
}
