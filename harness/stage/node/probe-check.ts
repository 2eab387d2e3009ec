import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { messageOf } from '../../core/errors.ts';
import type { Container, ProbeSpec } from './pod.ts';

/** What a probe needs to know of its container. */
export interface ProbeTarget {
  readonly container: Container;
  readonly podIp: string;
  /** Runs a command as the container would; resolves with its exit code, rejects when `signal` ends it. */
  readonly exec: (command: readonly string[], signal: AbortSignal) => Promise<number>;
}

/** One try of a probe; undefined when it succeeded, otherwise why not. Never rejects. */
export async function checkOnce(
  probe: ProbeSpec,
  target: ProbeTarget,
  stopped: AbortSignal,
): Promise<string | undefined> {
  const timeoutS = probe.timeoutSeconds ?? 1;
  const timeout = AbortSignal.timeout(timeoutS * 1_000);
  const signal = AbortSignal.any([timeout, stopped]);
  try {
    return await carryOut(probe, target, signal);
  } catch (problem) {
    return timeout.aborted ? `no answer within ${timeoutS} s` : messageOf(problem);
  }
}

async function carryOut(probe: ProbeSpec, target: ProbeTarget, signal: AbortSignal): Promise<string | undefined> {
  const { httpGet, tcpSocket, exec } = probe;
  if (httpGet) return await getOnce(httpGet, target, signal);
  if (tcpSocket) {
    await connectOnce(tcpSocket.host ?? target.podIp, portOf(tcpSocket.port, target.container), signal);
    return undefined;
  }
  if (!exec) return 'this stage has only httpGet, tcpSocket and exec probes';
  const code = await target.exec(exec.command ?? [], signal);
  return code === 0 ? undefined : `command exited with ${code}`;
}

/** Certificates are not verified: the kubelet does not either. */
async function getOnce(
  { path = '/', port, host, scheme = 'HTTP', httpHeaders = [] }: NonNullable<ProbeSpec['httpGet']>,
  { podIp, container }: ProbeTarget,
  signal: AbortSignal,
): Promise<string | undefined> {
  const headers = { 'user-agent': 'kube-probe/1.34', accept: '*/*', connection: 'close' };
  const options = {
    host: host ?? podIp,
    port: portOf(port, container),
    path,
    signal,
    agent: false as const,
    rejectUnauthorized: false,
    headers: { ...headers, ...Object.fromEntries(httpHeaders.map(({ name, value }) => [name.toLowerCase(), value])) },
  };
  const status = await new Promise<number>((resolve, reject) => {
    const outgoing = (scheme === 'HTTPS' ? httpsRequest : httpRequest)(options, (answer) => {
      answer.resume();
      answer.on('error', reject);
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
  return status >= 200 && status < 400 ? undefined : `HTTP probe failed with statuscode: ${status}`;
}

async function connectOnce(host: string, port: number, signal: AbortSignal): Promise<void> {
  const socket = connect({ host, port, signal });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.on('connect', resolve);
      socket.on('error', reject);
    });
  } finally {
    socket.destroy();
  }
}

/** A port by number, or by the name that the container gives it. Throws for an unknown name. */
function portOf(port: number | string, { ports = [] }: Container): number {
  const number = Number(port);
  if (Number.isInteger(number)) return number;
  const named = ports.find(({ name }) => name === port);
  if (!named) throw new Error(`the container has no port "${port}"`);
  return named.containerPort;
}
