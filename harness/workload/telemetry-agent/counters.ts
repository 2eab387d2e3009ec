import type { AgentReport } from '../prober/wire.ts';

type Counts = Omit<AgentReport, 'pod' | 'node' | 'mode' | 'nodes'>;

/** Latencies that the quantiles are taken of. */
const latencyCount = 200;

/** What all agents of this program have done since it began. */
export class Counters {
  #requests = 0;
  #inFlight = 0;
  #bytes = 0;
  #watchEvents = 0;
  /** Requests that ended, by HTTP status or the code of the error. */
  readonly #codes = new Map<string, number>();
  readonly #latenciesMs: number[] = [];
  #latencies = 0;

  sent(): void {
    this.#requests++;
    this.#inFlight++;
  }

  received(bytes: number): void {
    this.#bytes += bytes;
  }

  watched(events: number): void {
    this.#watchEvents += events;
  }

  /** A request has ended; a watch "ends" when its answer begins, and has no latency. */
  ended(code: string, ms?: number): void {
    this.#inFlight--;
    this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
    if (ms !== undefined && isOk(code)) this.#latenciesMs[this.#latencies++ % latencyCount] = ms;
  }

  get watchEvents(): number {
    return this.#watchEvents;
  }

  get codes(): ReadonlyMap<string, number> {
    return this.#codes;
  }

  counts(): Counts {
    const count = (isMeant: (code: string) => boolean): number =>
      [...this.#codes].reduce((sum, [code, times]) => (isMeant(code) ? sum + times : sum), 0);
    const isFailed = (code: string): boolean => !isOk(code) && !isRefused(code) && !isForbidden(code);
    const sorted = this.#latenciesMs.toSorted((a, b) => a - b);
    const quantile = (part: number): number => sorted[Math.ceil(sorted.length * part) - 1] ?? -1;
    return {
      requests: this.#requests,
      ok: count(isOk),
      refused: count(isRefused),
      forbidden: count(isForbidden),
      failed: count(isFailed),
      timeouts: count((code) => code === 'timeout'),
      bytes: this.#bytes,
      inFlight: this.#inFlight,
      p50Ms: quantile(0.5),
      p99Ms: quantile(0.99),
    };
  }
}

export function isOk(code: string): boolean {
  return /^2\d\d$/.test(code);
}

function isRefused(code: string): boolean {
  return code === '429';
}

export function isForbidden(code: string): boolean {
  return code === '401' || code === '403';
}
