import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AgentReports } from './agent-reports.ts';
import type { ProbeSettings } from './lane-probe.ts';
import { nodeNowMs, roundMs } from './node-clock.ts';
import { parseStart } from './parse-start.ts';
import { Session } from './session.ts';
import type { LaneRows, ReportsResponse, SamplesResponse, Stamped, StatusResponse } from './wire.ts';

export interface ProberSettings extends Omit<ProbeSettings, 'ownPort'> {
  /** Name of the node that the prober runs on. */
  readonly node: string;
}

/** The prober's HTTP server (see wire.ts), not yet listening. */
export function createProberServer(settings: ProberSettings): Server {
  const server = createServer((request, response) => {
    void prober.answer(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
  });
  const prober = new Prober(settings, () => (server.address() as AddressInfo).port);
  return server;
}

class Prober {
  readonly #settings: ProberSettings;
  readonly #ownPort: () => number;
  /** Of agents on this node; they outlive a session. */
  readonly #reports = new AgentReports();
  #session: Session | undefined;
  /** Stands for a process that was not started yet. */
  readonly #idleSession = randomUUID();

  constructor(settings: ProberSettings, ownPort: () => number) {
    this.#settings = settings;
    this.#ownPort = ownPort;
  }

  async answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
    const url = new URL(request.url ?? '/', 'http://prober');
    try {
      switch (`${request.method} ${url.pathname}`) {
        case 'GET /clock':
          return { status: 200, body: this.#stamp() };
        case 'GET /status':
          return { status: 200, body: this.#status() };
        case 'GET /samples':
          return { status: 200, body: this.#samples(url.searchParams) };
        case 'POST /start':
          await this.#start(await readBody(request));
          return { status: 200, body: this.#status() };
        case 'POST /stop':
          await this.#session?.stop();
          return { status: 200, body: this.#status() };
        case 'GET /reports':
          return { status: 200, body: { ...this.#stamp(), reports: this.#reports.all() } satisfies ReportsResponse };
        case 'POST /reports':
          this.#reports.add(await readBody(request, AgentReports.maxBytes), roundMs(nodeNowMs()));
          return { status: 200, body: this.#stamp() };
        default:
          return { status: 404, body: { error: `No such thing: ${request.method} ${url.pathname}` } };
      }
    } catch (problem) {
      return { status: 400, body: { error: problem instanceof Error ? problem.message : String(problem) } };
    }
  }

  async #start(body: string): Promise<void> {
    const request = parseStart(body);
    const previous = this.#session;
    this.#session = new Session(request, { ...this.#settings, ownPort: this.#ownPort() });
    void previous?.stop();
  }

  #stamp(): Stamped {
    return { session: this.#session?.id ?? this.#idleSession, nowMs: roundMs(nodeNowMs()) };
  }

  #status(): StatusResponse {
    const lanes = this.#session?.lanes ?? [];
    const lagMs = this.#session?.lagMs ?? { p99: 0, max: 0 };
    return { ...this.#stamp(), node: this.#settings.node, lanes, lagMs };
  }

  #samples(wanted: URLSearchParams): SamplesResponse {
    const lanes: Record<string, LaneRows> = {};
    for (const [lane, next] of wanted) {
      const from = Number(next);
      if (!Number.isInteger(from) || from < 0) throw new TypeError(`Lane ${lane}: '${next}' is not a sequence number`);
      const rows = this.#session?.read(lane, from);
      if (rows) lanes[lane] = rows;
    }
    return { ...this.#stamp(), lanes };
  }
}

/** What is longer than that is read to its end all the same, or the sender would never see the answer. */
async function readBody(request: IncomingMessage, maxBytes = Infinity): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
  }
  if (bytes > maxBytes) throw new TypeError(`The body has more than ${maxBytes} bytes`);
  return Buffer.concat(chunks).toString('utf8');
}
