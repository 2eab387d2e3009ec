import type { Emit } from '../core/events.ts';
import type { ProberClient } from './prober-client.ts';
import { readFailures } from './read-failures.ts';
import type { SampleStore } from './sample-store.ts';

export interface AgentReaderOptions {
  readonly node: string;
  readonly client: ProberClient;
  readonly store: SampleStore;
  readonly emit: Emit;
  readonly nowMs: () => number;
}

/** Reads what the telemetry agents of one node told its prober: their own counters, without the API. */
export interface AgentReader {
  /** Never rejects. */
  read(): Promise<void>;
}

export function openAgentReader({ node, client, store, emit, nowMs }: AgentReaderOptions): AgentReader {
  const failures = readFailures(emit, nowMs, { node, source: 'prober' });
  const told = new Map<string, number>();
  return {
    read: async () => {
      try {
        const { reports } = await client.reports();
        const offset = client.offset.best;
        if (!offset) return;
        for (const { atMs, ...counters } of Object.values(reports)) {
          if (told.get(counters.pod) === atMs) continue;
          told.set(counters.pod, atMs);
          const report = { ...counters, node, atMs: Math.round(atMs + offset.offsetMs) };
          emit({ type: 'agent-report', ...report });
          store.addReport(report);
        }
      } catch (problem) {
        failures.report(problem);
      }
    },
  };
}
