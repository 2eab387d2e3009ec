import type { Api } from './api.ts';
import { leaseObject, leaseSpec, nodeStatus } from './objects.ts';
import { untilItWorks, type Persistence } from './persist.ts';

const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
/** Wall time, and no matter how fast the incident goes: the node lifecycle controller waits 50 s. */
const renewMs = 15_000;
const tickMs = 100;
/** After such a gap the node may have been taken for lost, and must say again that it is Ready. */
const longGapMs = 30_000;

interface Lease {
  readonly node: string;
  /** Of the node, which owns the lease. */
  readonly uid: string;
  readonly slotMs: number;
  dueMs: number;
  renewedMs: number;
}

/** Keeps the nodes Ready: renews each one's lease every 15 s, evenly spread. */
export class Leases {
  readonly #api: Pick<Api, 'call'>;
  readonly #wanted: { readonly nodes: number; readonly podsPerNode: number };
  readonly #persistence: Persistence;
  readonly #leases = new Map<string, Lease>();
  readonly #startMs = performance.now();

  constructor(
    api: Pick<Api, 'call'>,
    wanted: { readonly nodes: number; readonly podsPerNode: number },
    persistence: Persistence,
  ) {
    this.#api = api;
    this.#wanted = wanted;
    this.#persistence = persistence;
    const timer = setInterval(() => this.#renewDue(), tickMs);
    persistence.signal.addEventListener('abort', () => clearInterval(timer));
  }

  /** Writes a node's first lease, and renews it from then on. Rejects, and does not, when it cannot be written. */
  async keep(node: string, uid: string): Promise<void> {
    if (this.#leases.get(node)?.uid === uid) return;
    const slotMs = (this.#leases.size / this.#wanted.nodes) * renewMs;
    const lease: Lease = { node, uid, slotMs, dueMs: 0, renewedMs: 0 };
    await this.#write(lease);
    this.#leases.set(node, lease);
  }

  #renewDue(): void {
    const nowMs = performance.now();
    for (const lease of this.#leases.values()) {
      if (lease.dueMs > nowMs) continue;
      // One at a time: the next one is due only when this one is written.
      lease.dueMs = Infinity;
      void untilItWorks(() => this.#renew(lease), this.#persistence).catch(() => undefined);
    }
  }

  async #renew(lease: Lease): Promise<void> {
    const { node, renewedMs } = lease;
    await this.#write(lease);
    if (lease.renewedMs - renewedMs < longGapMs) return;
    const status = nodeStatus(this.#wanted.podsPerNode);
    // 404: the node is being taken away.
    await this.#api.call('PATCH', `/api/v1/nodes/${node}/status`, { status }, [200, 404]);
  }

  async #write(lease: Lease): Promise<void> {
    const { node, uid, slotMs } = lease;
    const now = new Date();
    const { status } = await this.#api.call('PATCH', `${leases}/${node}`, { spec: leaseSpec(node, now) }, [200, 404]);
    if (status === 404) await this.#api.call('POST', leases, leaseObject(node, uid, now), [201, 409]);
    lease.renewedMs = performance.now();
    const turns = Math.floor((lease.renewedMs - this.#startMs - slotMs) / renewMs) + 1;
    lease.dueMs = this.#startMs + slotMs + turns * renewMs;
  }
}
