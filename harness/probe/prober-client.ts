import type {
  ReportsResponse,
  SamplesResponse,
  Stamped,
  StartRequest,
  StatusResponse,
} from '../workload/prober/wire.ts';
import { ClockOffset } from './clock-offset.ts';
import { openHttpReader } from './http-reader.ts';

/** One node's prober. Every answer refines what is known of the node's clock. */
export interface ProberClient {
  readonly offset: ClockOffset;
  clock(): Promise<Stamped>;
  start(request: StartRequest): Promise<StatusResponse>;
  /** Sends no more probes; resolves when those under way have ended. */
  stop(): Promise<StatusResponse>;
  /** Rows from these sequence numbers on. */
  samples(next: ReadonlyMap<string, number>): Promise<SamplesResponse>;
  /** What telemetry agents on the node told last. */
  reports(): Promise<ReportsResponse>;
  close(): void;
}

/** The prober waits for the probes under way: the longest deadline (10 s, of operator lanes) and some room. */
const stopDeadlineMs = 12_000;

/** `nowMs` is the run's clock. */
export function openProberClient(baseUrl: string, nowMs: () => number): ProberClient {
  const http = openHttpReader(baseUrl);
  const offset = new ClockOffset();
  const stamped = async <T extends Stamped>(ask: () => Promise<string>): Promise<T> => {
    const askedMs = nowMs();
    const text = await ask();
    const answeredMs = nowMs();
    const answer = JSON.parse(text) as T;
    offset.add({ askedMs, answeredMs, nodeMs: answer.nowMs });
    return answer;
  };
  return {
    offset,
    clock: async () => await stamped(() => http.get('/clock')),
    start: async (request) => await stamped(() => http.post('/start', request)),
    stop: async () => JSON.parse(await http.post('/stop', {}, stopDeadlineMs)) as StatusResponse,
    samples: async (next) => {
      const query = new URLSearchParams(
        [...next].map(([lane, seq]): [string, string] => [lane, String(seq)]),
      ).toString();
      return await stamped(() => http.get(`/samples?${query}`));
    },
    reports: async () => await stamped(() => http.get('/reports')),
    close: () => http.close(),
  };
}
