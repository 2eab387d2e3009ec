import type { Emit } from '../core/events.ts';
import { servedStaleTotal } from './cache-metrics.ts';
import { openHttpReader } from './http-reader.ts';
import { readFailures } from './read-failures.ts';

export interface CacheReaderOptions {
  readonly node: string;
  readonly lane: string;
  /** Where the cache's metrics are reached without the API, without a path. */
  readonly baseUrl: string;
  readonly emit: Emit;
  readonly nowMs: () => number;
}

/** Reads one cache's own counters: "answered from stale" as the cache itself says, beside what the samples show. */
export interface CacheReader {
  /** Never rejects. */
  read(): Promise<void>;
  close(): void;
}

export function openCacheReader({ node, lane, baseUrl, emit, nowMs }: CacheReaderOptions): CacheReader {
  const http = openHttpReader(baseUrl);
  const failures = readFailures(emit, nowMs, { node, source: 'cache' });
  return {
    read: async () => {
      try {
        const servedStale = servedStaleTotal(await http.get('/metrics'));
        emit({ type: 'cache-read', node, lane, servedStale });
      } catch (problem) {
        failures.report(problem);
      }
    },
    close: () => http.close(),
  };
}
