import { connect, createServer, type Server, type Socket } from 'node:net';
import { bindRetryMs, type Listener, type ListenerOptions } from './listener.ts';
import type { Endpoint } from './service-ports.ts';

export interface TcpListenerOptions extends ListenerOptions {
  /** Every socket of an established connection is in here until it is closed. */
  readonly sockets: Set<Socket>;
}

/** Relays connections. An endpoint that refuses or resets resets its client; half-closed connections stay half open. */
export function tcpListener(options: TcpListenerOptions): Listener {
  let endpoints: readonly Endpoint[] = [];
  let server: Server | undefined;
  let retry: NodeJS.Timeout | undefined;

  const open = (): void => {
    const opened = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const endpoint = options.pick(endpoints);
      if (endpoint) relay(client, endpoint, options.sockets);
      else client.resetAndDestroy();
    });
    server = opened;
    opened.on('error', (problem) => {
      options.onProblem(problem);
      if (server === opened) retry = setTimeout(open, bindRetryMs);
    });
    opened.listen(options.port, options.address);
  };
  const close = (): void => {
    endpoints = [];
    clearTimeout(retry);
    server?.close();
    server = undefined;
  };
  return {
    lead: (next) => {
      if (next.length === 0) return close();
      endpoints = next;
      if (!server) open();
    },
    close,
  };
}

function relay(client: Socket, { address: host, port }: Endpoint, sockets: Set<Socket>): void {
  const upstream = connect({ host, port, allowHalfOpen: true, noDelay: true });
  tie(client, upstream, sockets);
  tie(upstream, client, sockets);
}

function tie(from: Socket, to: Socket, sockets: Set<Socket>): void {
  sockets.add(from);
  from.on('close', () => sockets.delete(from));
  from.on('error', () => to.resetAndDestroy());
  from.pipe(to);
}
