import { connect, createServer, type Socket } from 'node:net';
import { openWhileLed, type Listener, type ListenerOptions } from './listener.ts';
import type { Endpoint } from './service-ports.ts';

/** Relays connections; they are in `sockets`. An endpoint that resets resets its client; half-closed stays so. */
export function tcpListener(options: ListenerOptions & { readonly sockets: Set<Socket> }): Listener {
  return openWhileLed(options, (pickOne, onError) => {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const endpoint = pickOne();
      if (endpoint) relay(client, endpoint, options.sockets);
      else client.resetAndDestroy();
    });
    server.on('error', onError).listen(options.port, options.address);
    return () => server.close();
  });
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
