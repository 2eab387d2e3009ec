import { isDeepStrictEqual } from 'node:util';
import { resources } from '../client/resources.ts';
import { hasCode } from '../client/status-error.ts';
import type { StageClient } from '../client/types.ts';
import { afterChanges, type KeepTryingOptions } from './keep-trying.ts';
import type { PodStatus } from './pod-status.ts';
import type { Pod } from './pod.ts';

/** The object in the API (for a static pod its mirror) and the status that it shall have. */
export interface Report {
  readonly target: Pod;
  readonly status: PodStatus;
}

/** Keeps one pod's status in the API: through outages, one write at a time, always the newest. */
export class StatusReporter {
  /** Call it after every change of the pod. */
  readonly changed: () => void;
  readonly #client: StageClient;
  readonly #newest: () => Report | undefined;
  /** What the API has, as far as we know. */
  #written: { readonly uid: string | undefined; readonly status: PodStatus } | undefined;

  /** `newest`: undefined while the API has no object. */
  constructor(client: StageClient, until: KeepTryingOptions, newest: () => Report | undefined) {
    this.#client = client;
    this.#newest = newest;
    this.changed = afterChanges(async () => await this.write(), until);
  }

  /** Somebody may have changed the object: what is not as we want it is written again. */
  see({ status: { conditions = [] } = {} }: Pod): void {
    const theirs = new Map(conditions.map(({ type, status }) => [type, status]));
    const isOurs = this.#written?.status.conditions.every(({ type, status }) => theirs.get(type) === status);
    if (isOurs === false) this.#written = undefined;
    this.changed();
  }

  async write(): Promise<void> {
    const { target, status } = this.#newest() ?? {};
    if (!target || !status) return;
    const { uid } = target.metadata;
    if (isDeepStrictEqual({ uid, status }, this.#written)) return;
    // With the uid, a new pod of the same name is refused.
    const patch = { metadata: { uid }, status };
    await this.#client.patch(resources.pods, target.metadata, patch, 'status').catch((problem: unknown) => {
      // It is gone, and we shall hear of it.
      if (!hasCode(problem, 404)) throw problem;
    });
    this.#written = { uid, status };
  }
}
