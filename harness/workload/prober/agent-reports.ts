import type { AgentReport, ReportsResponse } from './wire.ts';

const texts = ['pod', 'node', 'mode'] as const satisfies (keyof AgentReport)[];
const numbers = [
  'nodes',
  'requests',
  'ok',
  'refused',
  'forbidden',
  'failed',
  'timeouts',
  'bytes',
  'inFlight',
  'p50Ms',
  'p99Ms',
] as const satisfies (keyof AgentReport)[];

/** More agents than a node has; the limit keeps a sender of nonsense from filling the memory. */
const maxPods = 64;

/** The newest report of each agent on this node. */
export class AgentReports {
  static readonly maxBytes = 4_096;
  /** In order of arrival. */
  readonly #newest = new Map<string, AgentReport & { readonly atMs: number }>();

  /** Throws a TypeError that says what is wrong with the body. */
  add(body: string, atMs: number): void {
    const report = parseReport(body);
    this.#newest.delete(report.pod);
    this.#newest.set(report.pod, { atMs, ...report });
    const [oldest] = this.#newest.keys();
    if (oldest !== undefined && this.#newest.size > maxPods) this.#newest.delete(oldest);
  }

  all(): ReportsResponse['reports'] {
    return Object.fromEntries(this.#newest);
  }
}

/** Takes over the fields of a report and nothing else. */
function parseReport(body: string): AgentReport {
  const given = JSON.parse(body) as Readonly<Record<string, unknown>> | null;
  const field = (name: string, isGood: (value: unknown) => boolean, what: string): [string, unknown] => {
    const value = given?.[name];
    if (!isGood(value)) throw new TypeError(`${name} must be ${what}`);
    return [name, value];
  };
  return Object.fromEntries([
    ...texts.map((name) => field(name, (value) => typeof value === 'string' && value !== '', 'a text')),
    ...numbers.map((name) => field(name, Number.isFinite, 'a number')),
  ]) as unknown as AgentReport;
}
