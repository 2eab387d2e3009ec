import type { AddressInfo } from 'node:net';
import { startAgent } from './agent.ts';
import { readSettings } from './settings.ts';

/**
 * A model of a telemetry agent that asks the API server for more than it should, on every worker. Which call the agent
 * of the incident made was never published. Settings come from the environment; exit code 64 when they make no sense.
 */
const read = readSettings(process.env);
if ('problems' in read) {
  console.error(`telemetry-agent: ${read.problems.join('; ')}`);
  process.exit(64);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0));

const { settings } = read;
const { metrics } = startAgent(settings, (line) => console.log(line));
metrics.listen(settings.metricsPort, settings.podAddress, () => {
  const { port } = metrics.address() as AddressInfo;
  const { mode, nodes } = settings.config;
  console.log(`telemetry-agent stands for ${nodes} nodes in mode ${mode}; metrics on ${settings.podAddress}:${port}`);
});
