import type { AddressInfo } from 'node:net';
import { createProberServer } from './prober-server.ts';

/** Runs on every worker, on the node's own network, or as a child of the harness. Settings come from the environment. */
const nodeAddress = process.env['HOST_IP'] ?? '127.0.0.1';

const server = createProberServer({
  node: process.env['NODE_NAME'] ?? '',
  nodeAddress,
  apiCaFile: process.env['API_CA_FILE'] ?? '/etc/prober/ca/ca.crt',
});
// Readers come every half second; their connection must outlive a pause of theirs.
server.keepAliveTimeout = 60_000;
server.listen(Number(process.env['PROBER_PORT'] ?? 9500), nodeAddress, () => {
  console.log(`prober listens on ${nodeAddress}:${(server.address() as AddressInfo).port}`);
});

const end = (): never => process.exit(0);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end);
if (process.env['PROBER_PARENT_STDIN'] === '1') {
  // Closes with the parent, however that ends.
  process.stdin.on('end', end).on('error', end).resume();
}
