import { createProberServer } from './prober-server.ts';

/** Runs on every worker node, on the node's own network. Settings come from the environment. */
const nodeAddress = process.env['HOST_IP'] ?? '127.0.0.1';
const port = Number(process.env['PROBER_PORT'] ?? 9500);

const server = createProberServer({
  node: process.env['NODE_NAME'] ?? '',
  nodeAddress,
  ownPort: port,
  apiCaFile: process.env['API_CA_FILE'] ?? '/etc/prober/ca/ca.crt',
});
// Readers come every half second; their connection must outlive a pause of theirs.
server.keepAliveTimeout = 60_000;
server.listen(port, nodeAddress, () => console.log(`prober listens on ${nodeAddress}:${port}`));

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0));
