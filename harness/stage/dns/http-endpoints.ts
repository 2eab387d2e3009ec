import { createServer, type Server } from 'node:http';
import { once } from 'node:events';

interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  readonly contentType?: string;
}

type Route = () => HttpAnswer | Promise<HttpAnswer>;

/** The addresses at which this server tells of itself: /health, /ready, /metrics. Plugins may share one. */
export class HttpEndpoints {
  readonly #routes = new Map<string, Map<string, Route>>();
  readonly #servers = new Map<string, Server>();

  /** @param address `HOST:PORT`. */
  add(address: string, path: string, route: Route): void {
    const routes = this.#routes.get(address) ?? new Map<string, Route>();
    this.#routes.set(address, routes.set(path, route));
  }

  /** Rejects when an address is not to be had. */
  async start(): Promise<void> {
    for (const [address, routes] of this.#routes) {
      const [, host, port] = /^(.*):(\d+)$/.exec(address) ?? [];
      const server = serve(routes);
      server.listen(Number(port), host?.replace(/^\[(.*)\]$/, '$1'));
      await once(server, 'listening');
      this.#servers.set(address, server);
    }
  }

  /** Closes the addresses that have this path; without one, all. */
  close(path?: string): void {
    for (const [address, server] of this.#servers) {
      if (path !== undefined && this.#routes.get(address)?.has(path) !== true) continue;
      server.close();
      server.closeAllConnections();
    }
  }
}

function serve(routes: ReadonlyMap<string, Route>): Server {
  return createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const route = routes.get(request.url?.replace(/\?.*$/, '') ?? '');
      const { status, body, contentType } = (await route?.()) ?? { status: 404, body: '404 page not found\n' };
      response.writeHead(status, { 'content-type': contentType ?? 'text/plain; charset=utf-8' }).end(body);
    };
    answer().catch(() => response.destroy());
  });
}
