import type { Clock } from '../../core/clock.ts';
import { resources } from '../client/resources.ts';
import type { StageClient } from '../client/types.ts';
import type { Pod } from './pod.ts';
import { apiTime } from './time.ts';

export interface PodEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly container?: string | undefined;
}

/** Events told so often are no longer written anew: only their number is. */
const remembered = 500;

/** Writes events about pods for `kubectl describe`. What cannot be written is lost: events are for people, not for programs. */
export class EventRecorder {
  readonly #client: StageClient;
  readonly #nodeName: string;
  readonly #clock: Clock;
  readonly #written = new Map<string, { name: string; count: number }>();
  #queue = Promise.resolve();
  #waiting = 0;

  constructor(client: StageClient, nodeName: string, clock: Clock) {
    this.#client = client;
    this.#nodeName = nodeName;
    this.#clock = clock;
  }

  record(pod: Pod, event: PodEvent): void {
    // During an outage every write takes its whole time limit.
    if (this.#waiting >= 100) return;
    this.#waiting += 1;
    const time = apiTime(this.#clock.now());
    this.#queue = this.#queue
      .then(async () => await this.#write(pod, event, time))
      .catch(() => undefined)
      .finally(() => (this.#waiting -= 1));
  }

  async #write({ metadata }: Pod, { type, reason, message, container }: PodEvent, time: string): Promise<void> {
    const { namespace = 'default', name: podName, uid } = metadata;
    const key = `${uid} ${container} ${reason} ${message}`;
    const known = this.#written.get(key);
    if (known) {
      known.count += 1;
      const ref = { namespace, name: known.name };
      await this.#client.patch(resources.events, ref, { count: known.count, lastTimestamp: time });
      return;
    }
    const name = `${podName}.${Date.now().toString(16)}${this.#written.size.toString(16).padStart(4, '0')}`;
    const fieldPath = container === undefined ? {} : { fieldPath: `spec.containers{${container}}` };
    await this.#client.create(resources.events, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { namespace, name },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name: podName, uid, ...fieldPath },
      type,
      reason,
      message,
      source: { component: 'kubelet', host: this.#nodeName },
      reportingComponent: 'kubelet',
      reportingInstance: this.#nodeName,
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    });
    if (this.#written.size >= remembered) this.#written.clear();
    this.#written.set(key, { name, count: 1 });
  }
}
