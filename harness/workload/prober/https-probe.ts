import { Agent, request, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { deadline } from './deadline.ts';
import { nodeNowMs } from './node-clock.ts';
import { HopFailure, reasonOf, type LaneProbe, type Probe, type ProbeResult } from './outcome.ts';

/**
 * GETs an HTTPS address over kept-alive connections; a new one is opened only when none is free, so that the probe is no
 * load of TLS handshakes itself. Only status 200 is ok. What fails before the connection is up is a failure of `connect`.
 */
export function httpsProbe(url: string, ca: string, deadlineMs: number): LaneProbe {
  const agent = new Agent({ keepAlive: true, ca });
  const probe: Probe = () => getOverAgent(url, { agent }, deadlineMs);
  return { probe, close: () => agent.destroy() };
}

async function getOverAgent(url: string, options: RequestOptions, deadlineMs: number): Promise<ProbeResult> {
  const startMs = nodeNowMs();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let connectedMs: number | undefined;
  const connected = (): void => {
    connectedMs = nodeNowMs() - startMs;
  };
  const get = request(url, options);
  const cancelDeadline = deadline(deadlineMs, reject);
  get.on('error', reject);
  get.on('socket', (socket) => {
    if (get.reusedSocket) connected();
    else (socket as TLSSocket).once('secureConnect', connected);
  });
  get.on('response', (response) => readToEnd(response, resolve, reject));
  get.end();
  let outcome = 'ok';
  try {
    await promise;
  } catch (problem) {
    outcome = `${connectedMs === undefined ? 'connect' : 'request'}:${reasonOf(problem)}`;
    get.destroy();
  } finally {
    cancelDeadline();
  }
  const totalMs = nodeNowMs() - startMs;
  return {
    outcome,
    resolveMs: -1,
    connectMs: connectedMs ?? totalMs,
    requestMs: connectedMs === undefined ? -1 : totalMs - connectedMs,
    ttlS: -1,
  };
}

function readToEnd(response: IncomingMessage, resolve: () => void, reject: (problem: unknown) => void): void {
  response.on('error', reject);
  response.on('end', () => {
    if (response.statusCode === 200) resolve();
    else reject(new HopFailure(String(response.statusCode)));
  });
  response.resume();
}
