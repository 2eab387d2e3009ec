import type { Emit } from '../core/events.ts';
import type { LaneConfig } from '../workload/prober/wire.ts';
import type { ProberClient } from './prober-client.ts';
import { readFailures, type ReadFailures } from './read-failures.ts';
import type { SampleStore } from './sample-store.ts';

export interface NodeReaderOptions {
  readonly node: string;
  readonly client: ProberClient;
  readonly lanes: readonly LaneConfig[];
  readonly store: SampleStore;
  readonly emit: Emit;
  readonly nowMs: () => number;
}

/** An answer with so many rows of one lane may have been cut off: ask again at once. */
const manyRows = 1_000;
/** A prober that was restarted begins anew so long after that was seen. */
const restartAfterMs = 100;

/** Reads the samples of one node's prober: into the event log and into the store. */
export class NodeReader {
  readonly #options: NodeReaderOptions;
  readonly #failures: ReadFailures;
  /** Per lane, the sequence number to ask for next. */
  readonly #next = new Map<string, number>();
  #session = '';

  constructor(options: NodeReaderOptions) {
    this.#options = options;
    this.#failures = readFailures(options.emit, options.nowMs, { node: options.node, source: 'prober' });
  }

  /** Starts all lanes at this moment of the node's own clock. */
  async start(startAtMs: number): Promise<void> {
    const { client, lanes } = this.#options;
    this.#session = (await client.start({ startAtMs, lanes })).session;
    for (const lane of lanes) this.#next.set(lane.name, 0);
  }

  /** Reads what is new. Never rejects: what went wrong is told in the event log, and the next read catches up. */
  async read(): Promise<void> {
    try {
      while (await this.#readOnce()) {
        // More rows than fit into one answer.
      }
    } catch (problem) {
      this.#failures.report(problem);
    }
  }

  /** Ends the probing on this node, after a last read. Never rejects. */
  async stop(): Promise<void> {
    const { client } = this.#options;
    try {
      await client.stop();
    } catch (problem) {
      this.#failures.report(problem);
    }
    await this.read();
    client.close();
  }

  /** True when there may be more. */
  async #readOnce(): Promise<boolean> {
    const { client, node, store, emit } = this.#options;
    const { session, nowMs, lanes } = await client.samples(this.#next);
    if (session !== this.#session) return await this.#startAgain(nowMs);
    const offset = client.offset.best;
    if (!offset) return false;
    let more = false;
    for (const [lane, { rows, next, dropped }] of Object.entries(lanes)) {
      this.#next.set(lane, next);
      more ||= rows.length >= manyRows;
      if (rows.length === 0 && dropped === 0) continue;
      emit({ type: 'samples', node, lane, session, ...offset, dropped, rows });
      store.add(lane, node, rows, offset.offsetMs);
    }
    return more;
  }

  /** The process on the node is a new one. The gap stays; what comes after it is measured again. */
  async #startAgain(nodeMs: number): Promise<boolean> {
    const { client, node, emit } = this.#options;
    emit({
      type: 'read-failed',
      node,
      source: 'prober',
      message: 'The prober was restarted; its lanes are started again',
    });
    client.offset.reset();
    await this.start(nodeMs + restartAfterMs);
    return false;
  }
}
