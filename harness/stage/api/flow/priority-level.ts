import type { Clock } from '../../../core/clock.ts';
import type { LevelConfiguration } from './levels.ts';
import { dealHand } from './shuffle-shard.ts';
import { FlowRejection, type FlowClass, type FlowObserver, type RejectReason } from './types.ts';

/** A quarter of the request time-out of 60 s. */
const queueWaitLimitMs = 15_000;
/** What a request is taken to need until it is known. */
const guessedServiceS = 0.003;

interface Queue {
  readonly index: number;
  readonly waiting: Entry[];
  seatsInUse: number;
  /** The virtual time up to which its requests have used seats. */
  usedUpTo: number;
}

interface Entry {
  readonly flow: FlowClass;
  readonly seats: number;
  readonly queue: Queue;
  readonly arrivedMs: number;
  /** Virtual time. */
  readonly arrivedAt: number;
  /** Both end its wait. */
  start: () => void;
  expire: () => void;
}

/**
 * The seats of one priority level, and who gets the next: start-time fair queuing. Each request of a queue begins, in virtual time,
 * where the one before it ended, but not before it arrived; it ends seats × duration later. The one that would end first goes
 * first. So queues that always want seats get equal shares of them, and nobody owes anything for seats that no one else wanted
 * (Kubernetes, with a virtual time that goes by the clock, lets them owe it). A wide request at the head is waited for, not overtaken.
 */
export class PriorityLevel {
  #configuration: LevelConfiguration;
  readonly #clock: Clock;
  readonly #observer: FlowObserver;
  /** Only queues with requests in them; an idle queue has no state. So queues come and go by configuration without further ado. */
  readonly #queues = new Map<number, Queue>();
  #seatsInUse = 0;
  /** In order of arrival. */
  readonly #waiting = new Set<Entry>();
  #isExpiring = false;
  /** In seat-seconds of one queue: where the request that was let in last began. */
  #virtualTime = 0;

  constructor(configuration: LevelConfiguration, clock: Clock, observer: FlowObserver) {
    this.#configuration = configuration;
    this.#clock = clock;
    this.#observer = observer;
  }

  get configuration(): LevelConfiguration {
    return this.#configuration;
  }

  /** From now on; requests that wait or run keep their place. */
  configure(configuration: LevelConfiguration): void {
    this.#configuration = configuration;
    this.#dispatch();
  }

  /** Resolves with what gives the seats back, to be called once. Rejects with a FlowRejection. */
  async enter(flow: FlowClass, flowId: string, seats: number, signal: AbortSignal): Promise<() => void> {
    const queue = this.#shortest(flowId);
    const arrivedMs = this.#clock.monotonicMs();
    const entry = { flow, seats, queue, arrivedMs, arrivedAt: this.#virtualTime, start: nothing, expire: nothing };
    if (this.#waiting.size > 0 || !this.#fits(seats)) await this.#wait(entry, signal);
    else this.#take(entry);
    return this.#releaseOf(entry);
  }

  #fits(seats: number): boolean {
    // Wider than the limit only after the limit was lowered: then it runs alone.
    return this.#seatsInUse + seats <= this.#configuration.limit || this.#seatsInUse === 0;
  }

  #shortest(flowId: string): Queue {
    const { queues, handSize } = this.#configuration;
    let shortest: Queue | undefined;
    for (const index of dealHand(flowId, queues, handSize)) {
      const queue = this.#queues.get(index) ?? { index, waiting: [], seatsInUse: 0, usedUpTo: this.#virtualTime };
      if (!shortest || isShorter(queue, shortest)) shortest = queue;
    }
    if (!shortest) throw new RangeError('A hand without queues');
    return shortest;
  }

  /** Resolves when the entry has its seats. */
  #wait(entry: Entry, signal: AbortSignal): Promise<void> {
    const { queueLengthLimit } = this.#configuration;
    if (entry.queue.waiting.length >= queueLengthLimit) {
      return Promise.reject(this.#reject(entry, queueLengthLimit === 0 ? 'concurrency-limit' : 'queue-full'));
    }
    entry.queue.waiting.push(entry);
    this.#queues.set(entry.queue.index, entry.queue);
    this.#waiting.add(entry);
    this.#observer.queued(entry.flow, 1);
    void this.#expireInTurn();
    return new Promise((resolve, reject) => {
      const giveUp = (reason: RejectReason): void => {
        signal.removeEventListener('abort', cancel);
        this.#leave(entry);
        reject(this.#reject(entry, reason));
      };
      const cancel = (): void => giveUp('cancelled');
      entry.expire = () => giveUp('time-out');
      entry.start = () => {
        signal.removeEventListener('abort', cancel);
        resolve();
      };
      signal.addEventListener('abort', cancel);
      if (signal.aborted) cancel();
    });
  }

  /** All wait equally long, so one timer for the oldest is enough; one for each costs more than the requests themselves. */
  async #expireInTurn(): Promise<void> {
    if (this.#isExpiring) return;
    this.#isExpiring = true;
    for (let oldest = first(this.#waiting); oldest; oldest = first(this.#waiting)) {
      const leftMs = oldest.arrivedMs + queueWaitLimitMs - this.#clock.monotonicMs();
      if (leftMs > 0) await this.#clock.sleep(leftMs);
      else oldest.expire();
    }
    this.#isExpiring = false;
  }

  #reject(entry: Entry, reason: RejectReason): FlowRejection {
    this.#observer.rejected(entry.flow, reason, this.#clock.monotonicMs() - entry.arrivedMs);
    return new FlowRejection(reason, entry.flow.headers);
  }

  #leave(entry: Entry): void {
    entry.queue.waiting.splice(entry.queue.waiting.indexOf(entry), 1);
    this.#stopWaiting(entry);
    this.#forgetIfIdle(entry.queue);
    this.#dispatch();
  }

  #stopWaiting(entry: Entry): void {
    this.#waiting.delete(entry);
    this.#observer.queued(entry.flow, -1);
  }

  #dispatch(): void {
    for (;;) {
      const entry = this.#next();
      if (!entry || !this.#fits(entry.seats)) return;
      entry.queue.waiting.shift();
      this.#stopWaiting(entry);
      this.#take(entry);
      entry.start();
    }
  }

  /** The head that would finish first, if it were served as guessed. */
  #next(): Entry | undefined {
    let earliest: Entry | undefined;
    let firstFinish = Infinity;
    for (const queue of this.#queues.values()) {
      const head = queue.waiting[0];
      if (!head) continue;
      const finish = startOf(head) + head.seats * guessedServiceS;
      if (finish >= firstFinish) continue;
      earliest = head;
      firstFinish = finish;
    }
    return earliest;
  }

  #take(entry: Entry): void {
    const { queue, seats } = entry;
    this.#queues.set(queue.index, queue);
    this.#seatsInUse += seats;
    queue.seatsInUse += seats;
    const start = startOf(entry);
    this.#virtualTime = Math.max(this.#virtualTime, start);
    queue.usedUpTo = start + seats * guessedServiceS;
    this.#observer.dispatched(entry.flow, seats, this.#clock.monotonicMs() - entry.arrivedMs);
  }

  #releaseOf(entry: Entry): () => void {
    const { queue, seats, flow } = entry;
    const startedMs = this.#clock.monotonicMs();
    return () => {
      this.#seatsInUse -= seats;
      queue.seatsInUse -= seats;
      const servedMs = this.#clock.monotonicMs() - startedMs;
      queue.usedUpTo += seats * (servedMs / 1_000 - guessedServiceS);
      this.#observer.finished(flow, seats, servedMs);
      this.#forgetIfIdle(queue);
      this.#dispatch();
    };
  }

  #forgetIfIdle(queue: Queue): void {
    if (queue.waiting.length === 0 && queue.seatsInUse === 0) this.#queues.delete(queue.index);
  }
}

function nothing(): void {}

function first<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}

function startOf({ queue, arrivedAt }: Entry): number {
  return Math.max(queue.usedUpTo, arrivedAt);
}

function isShorter(a: Queue, b: Queue): boolean {
  return (seatsWaiting(a) - seatsWaiting(b) || a.seatsInUse - b.seatsInUse) < 0;
}

function seatsWaiting({ waiting }: Queue): number {
  return waiting.reduce((seats, entry) => seats + entry.seats, 0);
}
