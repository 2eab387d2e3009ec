const modes = ['full-list-quorum', 'full-list-rv0', 'node-list-quorum', 'node-list-rv0', 'watch'] as const;
const resources = ['pods', 'nodes', 'services', 'endpointslices', 'configmaps'] as const;
const retries = ['after', 'at-once', 'none'] as const;

type Mode = (typeof modes)[number];
export type Resource = (typeof resources)[number];
export type Retry = (typeof retries)[number];

/** What the agents do: AGENT_CONFIG. The same program with another configuration is the harmless twin or the bad change. */
export interface AgentConfig {
  readonly mode: Mode;
  /** Default `pods`. The modes `node-list-…` know pods only. */
  readonly resource: Resource;
  /** Between the beginnings of two cycles of one node. A watch begins at a random moment within it. */
  readonly intervalMs: number;
  /** A cycle begins late by up to this part of the interval, at random. Default 0. */
  readonly jitter: number;
  /** Requests that the agent of one node may have in flight; a cycle that would be one more is left out. Default 1. */
  readonly concurrency: number;
  /** For a whole answer; for a watch until the answer begins. */
  readonly timeoutMs: number;
  /** `after` waits as long as Retry-After says, and gives up where it says nothing. Default `after`. */
  readonly retry: Retry;
  /**
   * How fast an answer is taken in: agents with a small CPU limit parse slowly, and what the API server cannot hand over
   * it holds its seat for. Default 0: as fast as it comes.
   */
  readonly readBytesPerS: number;
  /** How many nodes' agents the program stands for, each with a connection of its own. Default 1: the own node's. */
  readonly nodes: number;
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly whole?: boolean;
  readonly fallback?: number;
}

const numbers = {
  intervalMs: { from: 10, to: 3_600_000 },
  timeoutMs: { from: 1, to: 600_000 },
  jitter: { from: 0, to: 1, fallback: 0 },
  concurrency: { from: 1, to: 100, whole: true, fallback: 1 },
  readBytesPerS: { from: 0, to: 1e9, fallback: 0 },
  nodes: { from: 1, to: 5_000, whole: true, fallback: 1 },
} as const satisfies Record<string, Range>;

/** Reads AGENT_CONFIG. Every problem is added to `problems`; the result is good only when there was none. */
export function parseConfig(text: string, problems: string[]): AgentConfig {
  const given = parseObject(text, problems);
  const known = ['mode', 'resource', 'retry', ...Object.keys(numbers)];
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  problems.push(...unknown.map((name) => `${name} is unknown; there are ${known.join(', ')}`));

  const number = (name: keyof typeof numbers): number => numberOf(name, given[name], numbers[name], problems);
  const config = {
    mode: choice('mode', given['mode'], modes, problems),
    resource: choice('resource', given['resource'] ?? 'pods', resources, problems),
    retry: choice('retry', given['retry'] ?? 'after', retries, problems),
    intervalMs: number('intervalMs'),
    jitter: number('jitter'),
    concurrency: number('concurrency'),
    timeoutMs: number('timeoutMs'),
    readBytesPerS: number('readBytesPerS'),
    nodes: number('nodes'),
  };
  if (config.mode.startsWith('node-list-') && config.resource !== 'pods') {
    problems.push(`mode ${config.mode} lists the pods of a node; resource must be pods, not ${config.resource}`);
  }
  return config;
}

function parseObject(text: string, problems: string[]): Readonly<Record<string, unknown>> {
  try {
    const given = JSON.parse(text) as unknown;
    if (typeof given === 'object' && given !== null && !Array.isArray(given)) return { ...given };
  } catch {
    // Said below.
  }
  problems.push('is not a JSON object');
  return {};
}

function choice<T extends string>(name: string, value: unknown, allowed: readonly T[], problems: string[]): T {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  problems.push(`${name} must be one of ${allowed.join(', ')}; it is ${JSON.stringify(value) ?? 'missing'}`);
  return (allowed as readonly [T])[0];
}

function numberOf(name: string, value: unknown, range: Range, problems: string[]): number {
  const { from, to, whole = false, fallback } = range;
  if (value === undefined && fallback !== undefined) return fallback;
  if (typeof value === 'number' && value >= from && value <= to && (!whole || Number.isInteger(value))) return value;
  const kind = whole ? 'a whole number' : 'a number';
  problems.push(`${name} must be ${kind} from ${from} to ${to}; it is ${JSON.stringify(value) ?? 'missing'}`);
  return from;
}
