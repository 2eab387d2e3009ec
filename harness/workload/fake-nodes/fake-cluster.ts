import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from './api.ts';
import { Leases } from './leases.ts';
import {
  bytesBesideFiller,
  namespace,
  nodeNames,
  nodeObject,
  nodeStatus,
  podObject,
  podsOf,
  podStatus,
  type FakePod,
} from './objects.ts';
import { forEachOf, untilItWorks, type Persistence } from './persist.ts';
import { readPresent } from './present.ts';
import { Problems } from './problems.ts';
import type { Wanted } from './settings.ts';

/** Calls that are under way at the same time while things are made. */
export const connections = 32;
const podsPath = `/api/v1/namespaces/${namespace}/pods`;
/** What the API server adds to a pod, about; the first one tells it exactly. */
const assumedBytes = 2_500;
const passPauseMs = 100;

/** GET /status. */
export interface Progress {
  readonly nodes: number;
  readonly pods: number;
  readonly wantedNodes: number;
  readonly wantedPods: number;
  readonly problems: readonly string[];
}

/** Makes nodes and pods that exist in the API only, and keeps the nodes Ready. */
export class FakeCluster {
  readonly #api: Api;
  readonly #wanted: Wanted;
  readonly #persistence: Persistence;
  readonly #leases: Leases;
  readonly #problems = new Problems();
  readonly #nodes = new Set<string>();
  readonly #pods = new Set<string>();
  #fillerBytes: number;
  #isComplete = false;

  /** Leases go another way than the rest: they must not wait for a thousand pods. */
  constructor(api: Api, leaseApi: Api, wanted: Wanted, signal: AbortSignal) {
    this.#api = api;
    this.#wanted = wanted;
    this.#persistence = { signal, onProblem: (problem) => this.#problems.add(problem) };
    this.#leases = new Leases(leaseApi, wanted, this.#persistence);
    this.#fillerBytes = Math.max(0, wanted.podBytes - assumedBytes);
  }

  /** True when everything was seen in the API, as it should be. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  get progress(): Progress {
    const { nodes, podsPerNode } = this.#wanted;
    const counts = { nodes: this.#nodes.size, pods: this.#pods.size };
    return { ...counts, wantedNodes: nodes, wantedPods: nodes * podsPerNode, problems: this.#problems.list() };
  }

  /** Makes what is missing, until nothing is. Rejects only when the signal ends it. */
  async make(): Promise<void> {
    const nodes = nodeNames(this.#wanted.nodes);
    const pods = podsOf(nodes, this.#wanted.podsPerNode);
    for (;;) {
      const present = await untilItWorks(() => readPresent(this.#api), this.#persistence);
      const missing = pods.filter(({ name }) => !note(this.#pods, name, present.pods.has(name)));
      const lacks = nodes.filter((name) => !note(this.#nodes, name, present.nodes.has(name)));
      await this.#forEach(nodes, async (name) => await this.#makeNode(name, present.nodes.get(name)));
      if (lacks.length + missing.length === 0) break;
      await this.#makePods(missing);
      // Where the API takes everything and keeps nothing, this must not spin.
      await sleep(passPauseMs, undefined, { signal: this.#persistence.signal });
    }
    this.#isComplete = true;
  }

  /** `uid` is that of a node that is there and Ready. */
  async #makeNode(name: string, uid?: string): Promise<void> {
    await this.#leases.keep(name, uid ?? (await this.#createNode(name)));
    this.#nodes.add(name);
  }

  async #createNode(name: string): Promise<string> {
    const { podsPerNode } = this.#wanted;
    const { status, text } = await this.#api.call('POST', '/api/v1/nodes', nodeObject(name, podsPerNode), [201, 409]);
    if (status === 201) return uidIn(text);
    const path = `/api/v1/nodes/${name}/status`;
    return uidIn((await this.#api.call('PATCH', path, { status: nodeStatus(podsPerNode) }, [200])).text);
  }

  /** The first one tells how much the others are to be filled. */
  async #makePods([first, ...rest]: readonly FakePod[]): Promise<void> {
    if (!first) return;
    await this.#forEach([first], async (pod) => {
      const answer = await this.#makePod(pod);
      this.#fillerBytes = Math.max(0, this.#wanted.podBytes - bytesBesideFiller(answer));
    });
    await this.#forEach(rest, async (pod) => void (await this.#makePod(pod)));
  }

  /** Gives the pod as the API server has it. */
  async #makePod(pod: FakePod): Promise<string> {
    await this.#api.call('POST', podsPath, podObject(pod, this.#fillerBytes), [201, 409]);
    const path = `${podsPath}/${pod.name}/status`;
    const { text } = await this.#api.call('PATCH', path, { status: podStatus() }, [200]);
    this.#pods.add(pod.name);
    return text;
  }

  async #forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
    await forEachOf(items, connections, async (item) => {
      await untilItWorks(async () => await work(item), this.#persistence);
    });
  }
}

/** Makes the set tell whether something is there; gives that back. */
function note(set: Set<string>, name: string, isThere: boolean): boolean {
  if (isThere) set.add(name);
  else set.delete(name);
  return isThere;
}

function uidIn(text: string): string {
  return (JSON.parse(text) as { metadata: { uid: string } }).metadata.uid;
}
