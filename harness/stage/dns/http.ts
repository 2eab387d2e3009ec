import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  readonly contentType?: string;
}

const notFound = { status: 404, body: '404 page not found\n' };

/** Serves one path. Rejects when the address is not to be had. */
export async function serveHttp(
  { host, port }: { host: string; port: number },
  path: string,
  route: () => HttpAnswer | Promise<HttpAnswer>,
): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const isKnown = request.url?.replace(/\?.*$/, '') === path;
      const { status, body, contentType }: HttpAnswer = isKnown ? await route() : notFound;
      response.writeHead(status, { 'content-type': contentType ?? 'text/plain; charset=utf-8' }).end(body);
    };
    answer().catch(() => response.destroy());
  });
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}
