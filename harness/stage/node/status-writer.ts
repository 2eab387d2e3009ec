import type { Clock } from '../../core/clock.ts';
import { resources } from '../client/resources.ts';
import { StatusError } from '../client/status-error.ts';
import type { StageClient } from '../client/types.ts';
import type { Pod, PodStatus } from './pod.ts';

/** The kubelet looks every 10 s for what it could not write. */
const firstRetryMs = 1_000;
const retryCapMs = 10_000;

interface Entry {
  readonly target: Pod;
  status: PodStatus | undefined;
  /** What the API has, as far as we know. */
  written: string;
  isToBeDeleted: boolean;
  isBusy: boolean;
  isForgotten: boolean;
}

/** Writes pod statuses to the API until it has them: through outages, one write at a time per pod, always the newest. */
export class StatusWriter {
  readonly #client: StageClient;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(client: StageClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** `target` is the object in the API: for a static pod its mirror. */
  set(target: Pod, status: PodStatus): void {
    const entry = this.#entry(target);
    entry.status = status;
    void this.#work(entry);
  }

  /** Somebody else changed the object: what is not as we want it is written again. */
  compare(target: Pod): void {
    const entry = this.#entries.get(target.metadata.uid ?? '');
    const theirs = new Map(target.status?.conditions?.map(({ type, status }) => [type, status]));
    if (!entry?.status || entry.isBusy) return;
    if (entry.status.conditions.every(({ type, status }) => theirs.get(type) === status)) return;
    entry.written = '';
    void this.#work(entry);
  }

  /** The pod is over: deletes it when its last status is written. */
  delete(target: Pod): void {
    const entry = this.#entry(target);
    entry.isToBeDeleted = true;
    void this.#work(entry);
  }

  /** The object is gone. */
  forget({ metadata: { uid = '' } }: Pod): void {
    const entry = this.#entries.get(uid);
    if (entry) entry.isForgotten = true;
    this.#entries.delete(uid);
  }

  #entry(target: Pod): Entry {
    const { uid = '' } = target.metadata;
    const known = this.#entries.get(uid);
    if (known) return known;
    const entry: Entry = {
      target,
      status: undefined,
      written: '',
      isToBeDeleted: false,
      isBusy: false,
      isForgotten: false,
    };
    this.#entries.set(uid, entry);
    return entry;
  }

  async #work(entry: Entry): Promise<void> {
    if (entry.isBusy) return;
    entry.isBusy = true;
    let delayMs = firstRetryMs;
    while (!entry.isForgotten && (isUnwritten(entry) || entry.isToBeDeleted)) {
      try {
        await this.#writeOne(entry);
        delayMs = firstRetryMs;
      } catch (problem) {
        const askedS = problem instanceof StatusError ? (problem.retryAfterS ?? 0) : 0;
        await this.#clock.sleep(Math.max(delayMs, askedS * 1_000));
        delayMs = Math.min(delayMs * 2, retryCapMs);
      }
    }
    entry.isBusy = false;
  }

  async #writeOne(entry: Entry): Promise<void> {
    const { namespace = 'default', name, uid = '' } = entry.target.metadata;
    const ref = { namespace, name };
    if (isUnwritten(entry)) {
      const text = textOf(entry.status);
      // With the uid, a new pod of the same name is refused.
      await this.#client.patch(resources.pods, ref, { metadata: { uid }, status: entry.status }, 'status');
      entry.written = text;
    } else {
      await this.#client.delete(resources.pods, ref, { gracePeriodSeconds: 0, uid });
      this.forget(entry.target);
    }
  }
}

function isUnwritten({ status, written }: Entry): boolean {
  return status !== undefined && written !== textOf(status);
}

function textOf(status: PodStatus | undefined): string {
  return JSON.stringify(status);
}
