import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { messageOf } from '../../core/errors.ts';
import type { Container, ProbeSpec } from './pod.ts';

/** One try of a probe of a container; undefined when it succeeded, otherwise why not. Never rejects. */
export async function checkOnce(
  probe: ProbeSpec,
  container: Container,
  podIp: string,
  stopped: AbortSignal,
): Promise<string | undefined> {
  const { httpGet, tcpSocket, timeoutSeconds = 1 } = probe;
  const timeout = AbortSignal.timeout(timeoutSeconds * 1_000);
  const signal = AbortSignal.any([timeout, stopped]);
  try {
    const target = httpGet ?? tcpSocket;
    if (!target) return 'this stage has only httpGet and tcpSocket probes';
    const where = { host: target.host ?? podIp, port: portOf(target.port, container), signal };
    if (httpGet) return await getOnce(httpGet, where);
    const socket = connect(where);
    await once(socket, 'connect').finally(() => socket.destroy());
    return undefined;
  } catch (problem) {
    return timeout.aborted ? `no answer within ${timeoutSeconds} s` : messageOf(problem);
  }
}

/** Certificates are not verified: the kubelet does not either. */
async function getOnce(
  { path = '/', scheme }: NonNullable<ProbeSpec['httpGet']>,
  where: { readonly host: string; readonly port: number; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const headers = { 'user-agent': 'kube-probe/1.34', connection: 'close' };
  const options = { ...where, path, headers, agent: false as const, rejectUnauthorized: false };
  const outgoing = (scheme === 'HTTPS' ? httpsRequest : httpRequest)(options).end();
  // Told by what is awaited; without a listener of its own a late one would end the agent.
  outgoing.on('error', () => undefined);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  await text(answer);
  const { statusCode = 0 } = answer;
  return statusCode >= 200 && statusCode < 400 ? undefined : `HTTP probe failed with statuscode: ${statusCode}`;
}

/** A port by number, or by the name that the container gives it. Throws for an unknown name. */
function portOf(port: number | string, { ports = [] }: Container): number {
  const number = Number(port);
  if (Number.isInteger(number)) return number;
  const named = ports.find(({ name }) => name === port);
  if (!named) throw new Error(`the container has no port "${port}"`);
  return named.containerPort;
}
