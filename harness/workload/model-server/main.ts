import type { AddressInfo } from 'node:net';
import { createModelServer } from './model-server.ts';

/** Endpoints are taken away at about the moment of SIGTERM: what still arrives is answered for so long. */
const lingerMs = 500;

/** The data-plane service of the experiments. Settings come from the environment. */
const server = createModelServer({ pod: process.env['POD_NAME'] ?? '', node: process.env['NODE_NAME'] ?? '' });
server.listen(Number(process.env['PORT'] ?? 8080), process.env['POD_IP'] ?? '0.0.0.0', () => {
  console.log(`model-server listens on port ${(server.address() as AddressInfo).port}`);
});

process.on('SIGTERM', () => {
  setTimeout(() => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  }, lingerMs);
});
