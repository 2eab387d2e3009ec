import type { ApiCounters, FlowCounters } from '../core/events.ts';

type Labels = Readonly<Record<string, string>>;

/** Picks a few counters from the text of an API server's /metrics, piece by piece: the whole is megabytes. */
export class ApiMetricsParser {
  #rest = '';
  #cpuS: number | null = null;
  readonly #inFlight: Record<string, number> = {};
  readonly #levels: Record<string, Record<keyof FlowCounters, number>> = {};
  readonly #lists: Record<string, { count: number; totalS: number }> = {};
  readonly #picks: Readonly<Record<string, (value: number, labels: Labels) => void>> = {
    process_cpu_seconds_total: (value) => {
      this.#cpuS = value;
    },
    apiserver_current_inflight_requests: (value, { request_kind: kind = '' }) => {
      this.#inFlight[kind] = (this.#inFlight[kind] ?? 0) + value;
    },
    apiserver_flowcontrol_rejected_requests_total: (value, labels) => this.#addFlow(labels, 'rejected', value),
    apiserver_flowcontrol_current_inqueue_requests: (value, labels) => this.#addFlow(labels, 'queued', value),
    apiserver_flowcontrol_request_wait_duration_seconds_count: (value, labels) => this.#addFlow(labels, 'waits', value),
    apiserver_flowcontrol_request_wait_duration_seconds_sum: (value, labels) => this.#addFlow(labels, 'waitedS', value),
    apiserver_request_duration_seconds_count: (value, labels) => this.#addList(labels, 'count', value),
    apiserver_request_duration_seconds_sum: (value, labels) => this.#addList(labels, 'totalS', value),
  };

  feed(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
  }

  /** What was found. Nothing of it is there in the text of anything but an API server. */
  end(): ApiCounters {
    this.feed('\n');
    return { cpuS: this.#cpuS, inFlight: this.#inFlight, levels: this.#levels, lists: this.#lists };
  }

  #take(line: string): void {
    const [name = ''] = /^\w+/.exec(line) ?? [];
    if (!Object.hasOwn(this.#picks, name)) return;
    // A value may be followed by a timestamp.
    const value = Number(/^[^{]*?(?:\{.*\})? ([^ ]+)(?: \d+)?$/.exec(line)?.[1]);
    if (Number.isFinite(value)) this.#picks[name]?.(value, labelsOf(line));
  }

  #addFlow({ priority_level: level = '' }: Labels, field: keyof FlowCounters, value: number): void {
    const counters = (this.#levels[level] ??= { rejected: 0, queued: 0, waits: 0, waitedS: 0 });
    counters[field] += value;
  }

  #addList({ verb, resource = '' }: Labels, field: 'count' | 'totalS', value: number): void {
    if (verb !== 'LIST') return;
    const list = (this.#lists[resource] ??= { count: 0, totalS: 0 });
    list[field] += value;
  }
}

function labelsOf(line: string): Labels {
  const pairs = [...line.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value]));
}
