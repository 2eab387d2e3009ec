import type { LaneRows } from './wire.ts';
import type { SampleRow } from '../../core/sample.ts';

/**
 * The newest rows of one lane, in order of their sequence numbers. A number whose probe is still under way holds back the
 * rows after it, so that a reader who asks for "everything from NEXT on" misses nothing and gets nothing twice.
 */
export class SampleRing {
  readonly #rows: (SampleRow | undefined)[];
  /** Numbers under way, in order (a Set keeps the order of insertion). */
  readonly #pending = new Set<number>();
  /** The number after the last one that was claimed or skipped. */
  #next = 0;

  constructor(capacity: number) {
    this.#rows = Array.from<SampleRow | undefined>({ length: capacity });
  }

  /** A probe with this number has been sent. Numbers only go up; those left out are lost samples. */
  claim(seq: number): void {
    const firstToClear = Math.max(this.#next, seq - this.#rows.length + 1);
    for (let number = firstToClear; number <= seq; number++) this.#rows[number % this.#rows.length] = undefined;
    this.#next = seq + 1;
    this.#pending.add(seq);
  }

  /** The probe with this number has ended. */
  complete(row: SampleRow): void {
    const [seq] = row;
    if (this.#pending.delete(seq) && seq >= this.#oldest) this.#rows[seq % this.#rows.length] = row;
  }

  /** At most `limit` rows from number `from` on. */
  read(from: number, limit: number): LaneRows {
    const [end = this.#next] = this.#pending;
    const rows: SampleRow[] = [];
    let seq = Math.max(from, this.#oldest);
    for (; seq < end && rows.length < limit; seq++) {
      const row = this.#rows[seq % this.#rows.length];
      if (row) rows.push(row);
    }
    return { rows, next: Math.max(from, seq), dropped: Math.max(0, this.#oldest - from) };
  }

  get #oldest(): number {
    return Math.max(0, this.#next - this.#rows.length);
  }
}
