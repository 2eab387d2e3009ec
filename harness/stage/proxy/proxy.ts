import type { Socket } from 'node:net';
import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import type { Random } from '../../core/random.ts';
import { informer } from '../client/informer.ts';
import { resources } from '../client/resources.ts';
import type { StageClient } from '../client/types.ts';
import type { Listener } from './listener.ts';
import { portKey, servicePorts, type ServicePort } from './service-ports.ts';
import { tcpListener } from './tcp-listener.ts';
import { udpListener } from './udp-listener.ts';

export interface ProxyOptions {
  readonly client: StageClient;
  readonly clock: Clock;
  /** Draws the endpoint of each new connection. */
  readonly random: Pick<Random, 'pick'>;
  /** Told, in one line, of an address that cannot be bound or a LIST that failed. */
  readonly onProblem?: (message: string) => void;
}

export interface Proxy {
  /** Resolves when the Services and their endpoints are known for the first time; rejects when `stop` comes before. */
  readonly synced: Promise<void>;
  stop(): void;
}

/**
 * The service proxy: listens on every ClusterIP and relays to the endpoints. It keeps its last state while the API is down.
 *
 * There is one for all nodes, in the host's process. On a real node kube-proxy only writes rules, and the node's kernel
 * relays by them, also when kube-proxy is dead or the node's agent is. The host is the nearest to a kernel that all nodes
 * share here: it goes on when a node is paused or its agent is killed. What differs from kube-proxy: all nodes learn of a
 * change at the same instant; a client's connection is accepted before its endpoint is asked, so an endpoint that refuses
 * shows as a reset; endpoints see the address of the proxy; there is no session affinity and no NodePort.
 */
export function startProxy({ client, clock, random, onProblem = () => undefined }: ProxyOptions): Proxy {
  const listeners = new Map<string, Listener>();
  const sockets = new Set<Socket>();
  let scheduled: NodeJS.Immediate | undefined;
  const schedule = (): void => {
    // Many changes at once (the first LIST) are looked at once.
    scheduled ??= setImmediate(() => {
      scheduled = undefined;
      if (services.hasSynced() && slices.hasSynced()) {
        apply(servicePorts(services.objects.values(), slices.objects.values()));
      }
    });
  };
  const apply = (ports: readonly ServicePort[]): void => {
    const wanted = new Map(ports.map((port) => [portKey(port), port]));
    for (const [key, listener] of listeners) {
      if (wanted.has(key)) continue;
      listener.close();
      listeners.delete(key);
    }
    for (const [key, port] of wanted) {
      const listener = listeners.get(key) ?? open(key, port);
      listeners.set(key, listener);
      listener.lead(port.endpoints);
    }
  };
  const open = (key: string, { protocol, address, port }: ServicePort): Listener => {
    const options = {
      address,
      port,
      pick: random.pick,
      onProblem: (problem: Error) => onProblem(`${key}: ${problem.message}`),
    };
    return protocol === 'TCP' ? tcpListener({ ...options, sockets }) : udpListener({ ...options, clock });
  };
  const watch = { onChange: schedule, onError: (problem: unknown) => onProblem(messageOf(problem)), clock };
  const services = informer(client, resources.services, watch);
  const slices = informer(client, resources.endpointSlices, watch);
  return {
    synced: Promise.all([services.synced, slices.synced]).then(schedule),
    stop: () => {
      services.stop();
      slices.stop();
      clearImmediate(scheduled);
      for (const listener of listeners.values()) listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
