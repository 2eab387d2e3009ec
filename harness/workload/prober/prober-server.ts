import { createServer, type IncomingMessage, type Server } from 'node:http';
import { randomUUID } from 'node:crypto';
import type { ProbeSettings } from './lane-probe.ts';
import { nodeNowMs, roundMs } from './node-clock.ts';
import { parseStart } from './parse-start.ts';
import { Session } from './session.ts';
import type { LaneRows, SamplesResponse, Stamped, StatusResponse } from './wire.ts';

export interface ProberSettings extends ProbeSettings {
  /** Name of the node that the prober runs on. */
  readonly node: string;
}

/** The prober's HTTP server (see wire.ts), not yet listening. */
export function createProberServer(settings: ProberSettings): Server {
  const prober = new Prober(settings);
  return createServer((request, response) => {
    void prober.answer(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
  });
}

class Prober {
  readonly #settings: ProberSettings;
  #session: Session | undefined;
  /** Stands for a process that was not started yet. */
  readonly #idleSession = randomUUID();

  constructor(settings: ProberSettings) {
    this.#settings = settings;
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
    this.#session = new Session(request, this.#settings);
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

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
