import type { AddressInfo } from 'node:net';
import { Api } from './api.ts';
import { connections, FakeCluster } from './fake-cluster.ts';
import { readSettings } from './settings.ts';
import { createStatusServer } from './status-server.ts';

/** Makes a cluster look large: nodes and pods without machines. Settings come from the environment; 64 when they are wrong. */
const leaseConnections = 8;

const read = readSettings(process.env);
if ('problems' in read) {
  console.error(`fake-nodes: ${read.problems.join('; ')}`);
  process.exit(64);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0));

const { wanted, apiServer, account, podAddress, port } = read.settings;
const cluster = new FakeCluster(
  new Api(apiServer, account, connections),
  new Api(apiServer, account, leaseConnections),
  wanted,
  new AbortController().signal,
);
const server = createStatusServer(cluster);
server.listen(port, podAddress, () => {
  console.log(`fake-nodes listens on ${podAddress}:${(server.address() as AddressInfo).port}`);
});

const startMs = performance.now();
await cluster.make();
const { nodes, pods } = cluster.progress;
console.log(`made ${nodes} nodes and ${pods} pods in ${((performance.now() - startMs) / 1_000).toFixed(1)} s`);
