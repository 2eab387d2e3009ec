import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSignedCertificate } from './certificate.ts';

const own = selfSignedCertificate();

export interface HttpsServer {
  /** Without a slash at the end. */
  readonly url: string;
  /** The authority that clients must trust. */
  readonly ca: string;
  /** How many connections were opened so far. */
  readonly connections: () => number;
  /** Cuts all connections, and takes no new ones. */
  readonly close: () => void;
}

/** An HTTPS server on 127.0.0.1 that stands for the Kubernetes API. */
export async function httpsServer(answer: RequestListener, options: ServerOptions = {}): Promise<HttpsServer> {
  let connections = 0;
  // As API servers do: a connection that nobody uses for seconds stays open.
  const server = createServer({ ...own, keepAliveTimeout: 60_000, ...options }, answer);
  server.on('secureConnection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: own.cert,
    connections: () => connections,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
