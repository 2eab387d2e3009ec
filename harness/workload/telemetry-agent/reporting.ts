import { Agent, request } from 'node:http';
import type { AgentReport } from '../prober/wire.ts';

const everyMs = 500;
/** Later ones carry the same counters, so one that hangs is given up soon. */
const timeoutMs = 2_000;

/**
 * Tells the node's prober every half second what was done: it can be read when the API cannot. Failures are ignored.
 * Gives what ends it.
 */
export function startReporting(prober: { host: string; port: number }, make: () => AgentReport): () => void {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let isUnderWay = false;
  const report = (): void => {
    if (isUnderWay) return;
    isUnderWay = true;
    const headers = { 'content-type': 'application/json' };
    const sent = request({ ...prober, path: '/reports', method: 'POST', agent, headers, timeout: timeoutMs });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => undefined);
    sent.on('response', (response) => response.on('error', () => undefined).resume());
    sent.on('close', () => {
      isUnderWay = false;
    });
    sent.end(JSON.stringify(make()));
  };
  const timer = setInterval(report, everyMs);
  return () => {
    clearInterval(timer);
    agent.destroy();
  };
}
