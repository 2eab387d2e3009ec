import { BlackstartError } from '../../core/errors.ts';

/** The addresses that follow from a node's own one, `127.C.0.K+1`, and its number K in the cluster C. */
export interface NodeAddresses {
  /** `127.C.K+1.0/24`. */
  readonly podCidr: string;
  /** ClusterIP of the Service `kubernetes`. */
  readonly kubernetes: string;
  readonly pods: AddressPool;
}

export function nodeAddresses(address: string, index: number): NodeAddresses {
  const [, cluster = ''] = /^127\.(\d+)\.0\.\d+$/.exec(address) ?? [];
  if (cluster === '') throw new BlackstartError('usage', `--address ${address}: must be 127.C.0.N`);
  const prefix = `127.${cluster}.${index + 1}`;
  return { podCidr: `${prefix}.0/24`, kubernetes: `127.${cluster}.200.1`, pods: new AddressPool(prefix) };
}

/** The pod addresses of a node, .2 to .254. One that was given back is the last to be used again. */
export class AddressPool {
  readonly #free: string[];

  constructor(prefix: string) {
    this.#free = Array.from({ length: 253 }, (_, index) => `${prefix}.${index + 2}`);
  }

  /** Throws when all are in use. */
  take(): string {
    const address = this.#free.shift();
    if (address === undefined) throw new BlackstartError('cluster', 'no pod address is left on this node');
    return address;
  }

  giveBack(address: string): void {
    this.#free.push(address);
  }
}
