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
const bindRetryMs = 250;

/** Keeps a port open for as long as there are endpoints. `open` gives what closes it. */
export function openWhileLed(
  { pick, onProblem }: ListenerOptions,
  open: (pickOne: () => Endpoint | undefined, onError: (problem: Error) => void) => () => void,
): Listener {
  let endpoints: readonly Endpoint[] = [];
  let shut: (() => void) | undefined;
  const bind = (): void => {
    const close = open(
      () => pick(endpoints),
      (problem) => {
        onProblem(problem);
        if (shut !== close) return;
        close();
        const retry = setTimeout(bind, bindRetryMs);
        shut = () => clearTimeout(retry);
      },
    );
    shut = close;
  };
  const lead = (next: readonly Endpoint[]): void => {
    endpoints = next;
    if (next.length > 0 && !shut) bind();
    if (next.length > 0) return;
    shut?.();
    shut = undefined;
  };
  return { lead, close: () => lead([]) };
}
