import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { createSecureContext, type TLSSocket } from 'node:tls';
import { deadline } from './deadline.ts';
import { nodeNowMs, roundMs } from './node-clock.ts';
import { HopFailure, reasonOf, type LaneProbe, type Probe, type ProbeResult } from './outcome.ts';
import type { TlsMaterial } from './wire.ts';

export interface HttpsCall {
  readonly url: string;
  readonly method: 'GET' | 'PATCH';
  /** `{{now}}` stands for the node's clock at the moment of sending. */
  readonly body?: string;
  readonly contentType?: string;
  readonly tls: TlsMaterial;
  /** Any other status is a failure of `request`. */
  readonly isOk: (status: number) => boolean;
}

/**
 * Calls an HTTPS address over kept-alive connections; a new one is opened only when none is free, so that the probe is no
 * load of TLS handshakes itself. What fails before the connection is up is a failure of `connect`.
 * Throws when the PEM texts are none.
 */
export function httpsProbe(call: HttpsCall, deadlineMs: number): LaneProbe {
  // Read once: with every connection it would cost the machine under test.
  const agent = new Agent({ keepAlive: true, secureContext: createSecureContext(call.tls) });
  const probe: Probe = () => callOnce(call, agent, deadlineMs);
  return { probe, close: () => agent.destroy() };
}

async function callOnce(call: HttpsCall, agent: Agent, deadlineMs: number): Promise<ProbeResult> {
  const startMs = nodeNowMs();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let connectedMs: number | undefined;
  const connected = (): void => {
    connectedMs = nodeNowMs() - startMs;
  };
  const { url, method, contentType } = call;
  const sent = request(url, { agent, method, ...(contentType && { headers: { 'content-type': contentType } }) });
  const cancelDeadline = deadline(deadlineMs, reject);
  sent.on('error', reject);
  sent.on('socket', (socket) => {
    if (sent.reusedSocket) connected();
    else (socket as TLSSocket).once('secureConnect', connected);
  });
  sent.on('response', (response) => readToEnd(response, call.isOk, resolve, reject));
  sent.end(call.body?.replaceAll('{{now}}', () => String(roundMs(nodeNowMs()))));
  let outcome = 'ok';
  try {
    await promise;
  } catch (problem) {
    outcome = `${connectedMs === undefined ? 'connect' : 'request'}:${reasonOf(problem)}`;
    sent.destroy();
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

function readToEnd(
  response: IncomingMessage,
  isOk: HttpsCall['isOk'],
  resolve: () => void,
  reject: (problem: unknown) => void,
): void {
  response.on('error', reject);
  response.on('end', () => {
    if (isOk(response.statusCode ?? 0)) resolve();
    else reject(new HopFailure(String(response.statusCode)));
  });
  response.resume();
}
