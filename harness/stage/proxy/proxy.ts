import type { Socket } from 'node:net';
import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import type { Random } from '../../core/random.ts';
import { informer } from '../client/informer.ts';
import { resources } from '../client/resources.ts';
import type { StageClient } from '../client/types.ts';
import type { Listener } from './listener.ts';
import { servicePorts } from './service-ports.ts';
import { tcpListener } from './tcp-listener.ts';
import { udpListener } from './udp-listener.ts';

interface ProxyOptions {
  readonly client: StageClient;
  readonly clock: Clock;
  /** Draws the endpoint of each new connection. */
  readonly random: Pick<Random, 'pick'>;
  /** Told, in one line, of an address that cannot be bound or a LIST that failed. */
  readonly onProblem: (message: string) => void;
}

export type Proxy = ReturnType<typeof startProxy>;

/**
 * The service proxy: listens on every ClusterIP and relays to the endpoints. It keeps its state while the API is down.
 *
 * There is one for all nodes, in the host's process. On a real node kube-proxy only writes rules, and the node's kernel
 * relays by them, also when kube-proxy is dead. The host is the nearest to a kernel that all nodes share here: it goes
 * on when a node is paused or its agent is killed. What differs from kube-proxy: all nodes learn of a change at once;
 * a connection is accepted before its endpoint is asked, so an endpoint that refuses shows as a reset; endpoints see
 * the address of the proxy; there is no session affinity and no NodePort.
 */
export function startProxy({ client, clock, random, onProblem }: ProxyOptions) {
  const listeners = new Map<string, Listener>();
  const sockets = new Set<Socket>();
  let scheduled: NodeJS.Immediate | undefined;
  // Many changes at once (the first LIST) are looked at once.
  const schedule = (): void => {
    scheduled ??= setImmediate(apply);
  };
  const apply = (): void => {
    scheduled = undefined;
    if (!services.hasSynced() || !slices.hasSynced()) return;
    const ports = servicePorts(services.objects.values(), slices.objects.values());
    const gone = new Map(listeners);
    for (const { protocol, address, port, endpoints } of ports) {
      const key = `${protocol}/${address}:${port}`;
      const report = (problem: Error): void => onProblem(`${key}: ${problem.message}`);
      const options = { address, port, pick: random.pick, onProblem: report, clock, sockets };
      const listener = listeners.get(key) ?? (protocol === 'UDP' ? udpListener : tcpListener)(options);
      listeners.set(key, listener);
      listener.lead(endpoints);
      gone.delete(key);
    }
    for (const [key, listener] of gone) {
      listener.close();
      listeners.delete(key);
    }
  };
  const watch = { onChange: schedule, onError: (problem: unknown) => onProblem(messageOf(problem)), clock };
  const services = informer(client, resources.services, watch);
  const slices = informer(client, resources.endpointSlices, watch);
  return {
    /** Resolves when Services and endpoints are known for the first time; rejects when `stop` comes before. */
    synced: Promise.all([services.synced, slices.synced]).then(schedule),
    stop: (): void => {
      services.stop();
      slices.stop();
      clearImmediate(scheduled);
      for (const listener of listeners.values()) listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
