import type { Socket } from 'node:net';
import { systemClock } from '../../core/clock.ts';
import { tcpListener } from '../proxy/tcp-listener.ts';
import { udpListener } from '../proxy/udp-listener.ts';
import type { ContainerPort } from './pod.ts';

/**
 * Listens on the node's address for every `hostPort` and relays to the pod; gives what closes them. A port that is
 * taken is told and tried again.
 */
export function openHostPorts(
  ports: readonly ContainerPort[],
  nodeAddress: string,
  podIp: string,
  onProblem: (message: string) => void,
): () => void {
  const sockets = new Set<Socket>();
  const listeners = ports.flatMap(({ hostPort, containerPort, protocol }) => {
    if (hostPort === undefined) return [];
    const options = {
      address: nodeAddress,
      port: hostPort,
      pick: <T>([only]: readonly T[]): T | undefined => only,
      onProblem: (problem: Error) => onProblem(`host port ${hostPort}: ${problem.message}`),
    };
    const listener =
      protocol === 'UDP' ? udpListener({ ...options, clock: systemClock }) : tcpListener({ ...options, sockets });
    listener.lead([{ address: podIp, port: containerPort }]);
    return [listener];
  });
  return () => {
    for (const listener of listeners) listener.close();
    for (const socket of sockets) socket.destroy();
  };
}
