import { createServer, type Server } from 'node:http';
import type { FakeCluster } from './fake-cluster.ts';

/** GET /ready: 200 when everything was made, else 503; GET /status: how far it is. Not yet listening. */
export function createStatusServer(cluster: Pick<FakeCluster, 'isComplete' | 'progress'>): Server {
  return createServer((request, response) => {
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(`${JSON.stringify(body)}\n`);
    };
    if (request.method !== 'GET') return answer(405, { error: 'Only GET' });
    if (request.url === '/ready') return answer(cluster.isComplete ? 200 : 503, cluster.progress);
    if (request.url === '/status') return answer(200, cluster.progress);
    answer(404, { error: 'Only /ready and /status' });
  });
}
