import type { Clock } from '../../../core/clock.ts';
import { seededRandom } from '../../../core/random.ts';
import type { KubeObject } from '../../client/types.ts';
import { at, textAt } from '../json.ts';
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

const nothing = (): void => undefined;
const startOf = ({ queue, arrivedAt }: Entry): number => Math.max(queue.usedUpTo, arrivedAt);
const finishOf = (entry: Entry): number => startOf(entry) + entry.seats * guessedServiceS;
const seatsWaiting = ({ waiting }: Queue): number => waiting.reduce((sum, { seats }) => sum + seats, 0);

/**
 * The seats of one priority level, and who gets the next: start-time fair queuing. Each request of a queue begins, in
 * virtual time, where the one before it ended, but not before it arrived; it ends seats × duration later. The one that
 * would end first goes first. So queues that always want seats get equal shares, and nobody owes anything for seats
 * that no one else wanted (in Kubernetes they do). A wide request at the head is waited for, not overtaken.
 */
export class PriorityLevel {
  configuration: LevelConfiguration;
  readonly #clock: Clock;
  readonly #observer: FlowObserver;
  /** Only queues with requests in them: an idle queue has no state. */
  readonly #queues = new Map<number, Queue>();
  #seatsInUse = 0;
  /** In order of arrival. */
  readonly #waiting = new Set<Entry>();
  #isExpiring = false;
  /** In seat-seconds of one queue: where the request that was let in last began. */
  #virtualTime = 0;

  constructor(configuration: LevelConfiguration, clock: Clock, observer: FlowObserver) {
    this.configuration = configuration;
    this.#clock = clock;
    this.#observer = observer;
  }

  /** From now on; requests that wait or run keep their place. */
  configure(configuration: LevelConfiguration): void {
    this.configuration = configuration;
    this.#dispatch();
  }

  /** Resolves with what gives the seats back, to be called once. Rejects with a FlowRejection. */
  async enter(flow: FlowClass, flowId: string, seats: number, signal: AbortSignal): Promise<() => void> {
    const queue = this.#shortest(flowId);
    const arrivedMs = this.#clock.monotonicMs();
    const entry = { flow, seats, queue, arrivedMs, arrivedAt: this.#virtualTime, start: nothing, expire: nothing };
    if (this.#waiting.size > 0 || !this.#fits(seats)) await this.#wait(entry, signal);
    else this.#take(entry);
    const startedMs = this.#clock.monotonicMs();
    return () => this.#giveBack(entry, this.#clock.monotonicMs() - startedMs);
  }

  #fits(seats: number): boolean {
    // Wider than the limit only after the limit was lowered: then it runs alone.
    return this.#seatsInUse + seats <= this.configuration.limit || this.#seatsInUse === 0;
  }

  #shortest(flowId: string): Queue {
    const { queues, handSize } = this.configuration;
    const hand = dealHand(flowId, queues, handSize).map(
      (index) => this.#queues.get(index) ?? { index, waiting: [], seatsInUse: 0, usedUpTo: this.#virtualTime },
    );
    return hand.reduce((best, queue) =>
      (seatsWaiting(queue) - seatsWaiting(best) || queue.seatsInUse - best.seatsInUse) < 0 ? queue : best,
    );
  }

  /** Resolves when the entry has its seats. */
  async #wait(entry: Entry, signal: AbortSignal): Promise<void> {
    const { queue, flow } = entry;
    const { queueLengthLimit } = this.configuration;
    if (queue.waiting.length >= queueLengthLimit) {
      throw this.#reject(entry, queueLengthLimit === 0 ? 'concurrency-limit' : 'queue-full');
    }
    queue.waiting.push(entry);
    this.#queues.set(queue.index, queue);
    this.#waiting.add(entry);
    this.#observer.queued(flow, 1);
    void this.#expireInTurn();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = (reason: RejectReason): void => {
      if (!this.#waiting.has(entry)) return;
      this.#stopWaiting(entry);
      this.#forgetIfIdle(queue);
      this.#dispatch();
      reject(this.#reject(entry, reason));
    };
    const cancel = (): void => giveUp('cancelled');
    entry.expire = () => giveUp('time-out');
    entry.start = resolve;
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
    await promise.finally(() => signal.removeEventListener('abort', cancel));
  }

  /** All wait equally long, so one timer for the oldest is enough; one for each would cost more than the requests. */
  async #expireInTurn(): Promise<void> {
    if (this.#isExpiring) return;
    this.#isExpiring = true;
    for (let [oldest] = this.#waiting; oldest; [oldest] = this.#waiting) {
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

  #stopWaiting(entry: Entry): void {
    entry.queue.waiting.splice(entry.queue.waiting.indexOf(entry), 1);
    this.#waiting.delete(entry);
    this.#observer.queued(entry.flow, -1);
  }

  /** Lets in the heads that would finish first, if they were served as guessed, as long as there are seats. */
  #dispatch(): void {
    for (;;) {
      const heads = [...this.#queues.values()].flatMap(({ waiting }) => waiting.slice(0, 1));
      const [first, ...others] = heads;
      if (!first) return;
      const next = others.reduce((best, head) => (finishOf(head) < finishOf(best) ? head : best), first);
      if (!this.#fits(next.seats)) return;
      this.#stopWaiting(next);
      this.#take(next);
      next.start();
    }
  }

  #take(entry: Entry): void {
    const { queue, seats } = entry;
    this.#queues.set(queue.index, queue);
    this.#seatsInUse += seats;
    queue.seatsInUse += seats;
    this.#virtualTime = Math.max(this.#virtualTime, startOf(entry));
    queue.usedUpTo = finishOf(entry);
    this.#observer.dispatched(entry.flow, seats, this.#clock.monotonicMs() - entry.arrivedMs);
  }

  #giveBack({ queue, seats, flow }: Entry, servedMs: number): void {
    this.#seatsInUse -= seats;
    queue.seatsInUse -= seats;
    queue.usedUpTo += seats * (servedMs / 1_000 - guessedServiceS);
    this.#observer.finished(flow, seats, servedMs);
    this.#forgetIfIdle(queue);
    this.#dispatch();
  }

  #forgetIfIdle(queue: Queue): void {
    if (queue.waiting.length === 0 && queue.seatsInUse === 0) this.#queues.delete(queue.index);
  }
}

/** A PriorityLevelConfiguration, with its seats counted out. */
export interface LevelConfiguration {
  readonly name: string;
  readonly uid: string;
  /** Seats; Infinity for an exempt level. */
  readonly limit: number;
  /** Seats that one request may have. */
  readonly mostSeats: number;
  readonly queues: number;
  readonly handSize: number;
  /** 0 for a level that rejects what finds no seat, and for an exempt one. */
  readonly queueLengthLimit: number;
}

/** Shares out the server's seats: ceil(total × shares / all shares), at least one. */
export function shareOut(levels: readonly KubeObject[], totalSeats: number): LevelConfiguration[] {
  const allShares = levels.reduce((sum, level) => sum + sharesOf(level), 0);
  return levels.map((level) => {
    const isExempt = textAt(level, 'spec.type') === 'Exempt';
    const seats = Math.max(1, Math.ceil((totalSeats * sharesOf(level)) / (allShares || 1)));
    const common = { name: level.metadata.name, uid: level.metadata.uid ?? '', limit: isExempt ? Infinity : seats };
    if (isExempt || textAt(level, 'spec.limited.limitResponse.type') !== 'Queue') {
      return { ...common, mostSeats: Infinity, queues: 1, handSize: 1, queueLengthLimit: 0 };
    }
    // The defaults are those that the real server fills in; it refuses larger hands than these.
    const queuing = at(level, 'spec.limited.limitResponse.queuing');
    const queues = wholeAt(queuing, 'queues', 1, 64);
    const handSize = Math.min(wholeAt(queuing, 'handSize', 1, 8), queues, 60);
    const mostSeats = Math.max(1, Math.min(Math.ceil(0.15 * seats), Math.floor(seats / handSize)));
    return { ...common, mostSeats, queues, handSize, queueLengthLimit: wholeAt(queuing, 'queueLengthLimit', 1, 50) };
  });
}

function sharesOf(level: KubeObject): number {
  return textAt(level, 'spec.type') === 'Exempt' ? 0 : wholeAt(level, 'spec.limited.nominalConcurrencyShares', 0, 30);
}

/** Users may have written it: what is no 32-bit number of at least `least` is `otherwise`. */
function wholeAt(value: unknown, path: string, least: number, otherwise: number): number {
  const found = at(value, path);
  return typeof found === 'number' && found === (found | 0) && found >= least ? found : otherwise;
}

const bytesPerSeat = 100_000;
/** A LIST from the watch cache is streamed, so it is taken to hold no more than this at once: ten seats. */
const mostBytesAtOnce = 1_000_000;

/** Seats of a request (Kubernetes 1.34, by size): 1, but up to 10 for a LIST or the initial events of a watch. */
export function seatsOf(listBytes: number, mostSeats: number): number {
  const seats = Math.ceil(Math.min(listBytes, mostBytesAtOnce) / bytesPerSeat);
  return Math.max(1, Math.min(seats, mostSeats));
}

/**
 * The queues that a flow may use: `size` different ones of `deck`, always the same for the same flow. Two flows seldom
 * share all of theirs, so one that floods its queues leaves others a way past.
 */
export function dealHand(flow: string, deck: number, size: number): number[] {
  if (deck === 1) return [0];
  // The 32-bit FNV-1a hash, over UTF-16 units.
  let hash = 0x811c9dc5;
  for (let index = 0; index < flow.length; index++) hash = Math.imul(hash ^ flow.charCodeAt(index), 0x01000193);
  const random = seededRandom(hash >>> 0);
  const hand = new Set<number>();
  while (hand.size < size) hand.add(Math.floor(random.next() * deck));
  return [...hand];
}
