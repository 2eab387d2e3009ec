import type { Endpoint } from './service-ports.ts';

/** One virtual address and port of a Service. */
export interface Listener {
  /** Where new connections go from now on. With none the port is closed, so that the kernel refuses. */
  lead(endpoints: readonly Endpoint[]): void;
  /** The Service is gone: as `lead([])`. What is established stays. */
  close(): void;
}

export interface ListenerOptions extends Endpoint {
  /** One of the endpoints, for a new connection. */
  readonly pick: (endpoints: readonly Endpoint[]) => Endpoint | undefined;
  /** The address cannot be bound; it is tried again. */
  readonly onProblem: (problem: Error) => void;
}

/** How soon an address that could not be bound is tried again. */
export const bindRetryMs = 250;
