/**
 * A program: `node scripts/variants.ts [--backend embedded|kind] [--cluster NAME] [--only TEXT] [--seeds N] [--together N]
 * [-- OPTION …]`. Runs the variants whose outcome is known, one after the other, and prints one Markdown row for each; exits
 * with 1 when one came out otherwise. `--seeds N` runs dns-cache-expiry with the seeds 1 to N instead. `--together N` keeps N
 * runs going at once, each on a cluster of its own. What comes after `--` is given to every run.
 *
 * A run that was starved (prober-starved, gap) says nothing about the variant: it is made again, twice at most, and the
 * table says how often. Everything else counts at once.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pasteable, tryRun } from '../harness/core/command.ts';
import { parseResult, type ReasonCode, type Result } from '../harness/verdict/result.ts';

interface Variant {
  readonly args: readonly string[];
  readonly exit: number;
  readonly reason: ReasonCode;
}

interface Outcome {
  readonly variant: Variant;
  readonly exit: number;
  /** Undefined when the run ended before it had a folder. */
  readonly result: Result | undefined;
  readonly folder: string;
  readonly output: string;
  readonly tries: number;
  readonly isRight: boolean;
}

/** With a new kind cluster, its download included. */
const runTimeoutMs = 30 * 60_000;
const maxTries = 3;
const bin = new URL('../harness/cli/bin.js', import.meta.url).pathname;

const faults = ['coredns-pod-kill', 'apiserver-container-kill', 'apiserver-down', 'coredns-restart'];
const expiry = (exit: number, reason: ReasonCode, ...args: readonly string[]): Variant => ({
  args: ['dns-cache-expiry', ...args],
  exit,
  reason,
});
const kill = (exit: number, reason: ReasonCode, action: string): Variant => ({
  args: ['apiserver-kill', '--set', `action=${action}`],
  exit,
  reason,
});

const known: readonly Variant[] = [
  expiry(0, 'pass'),
  expiry(0, 'pass', '--set', 'restartAt=expiring'),
  expiry(0, 'pass', '--set', 'restartAt=twice'),
  expiry(1, 'budget', '--set', 'lanes.subject.serveStale=off'),
  expiry(1, 'budget', '--set', 'lanes.subject.serveStale=immediate'),
  expiry(1, 'budget', '--set', 'lanes.subject.forward=udp', 'restartAt=expiring'),
  expiry(2, 'control-lane-held', '--set', 'cause=down'),
  expiry(2, 'control-lane-held', '--set', 'lanes.control.serveStale=verify'),
  ...faults.map((fault) => expiry(2, 'unconfirmed-fault', `--sabotage=${fault}`)),
  expiry(2, 'unconfirmed-fault', '--sabotage'),
  kill(0, 'pass', 'container-kill'),
  kill(0, 'pass', 'hang'),
  kill(2, 'unconfirmed-fault', 'pod-kill'),
  { args: ['telemetry-overload'], exit: 0, reason: 'pass' },
  expiry(0, 'pass', '--set', 'cause=overload'),
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    backend: { type: 'string', default: 'embedded' },
    cluster: { type: 'string' },
    only: { type: 'string', default: '' },
    seeds: { type: 'string' },
    together: { type: 'string', default: '1' },
    runs: { type: 'string', default: new URL('../runs', import.meta.url).pathname },
  },
});
const { cluster } = values;
const common = ['--backend', values.backend, ...(cluster === undefined ? [] : ['--cluster', cluster]), ...positionals];
const variants =
  values.seeds === undefined
    ? known.filter(({ args }) => args.join(' ').includes(values.only))
    : Array.from({ length: Number(values.seeds) }, (_, index) => expiry(0, 'pass', '--seed', String(index + 1)));

const head = ['command', 'exit', 'expected', 'verdict', 'reason code', 'seconds', 'lag p99 ms', 'runs'];
console.log(`| ${head.join(' | ')} |\n|${' --- |'.repeat(head.length)}`);
const waiting = [...variants];
const outcomes: Outcome[] = [];
// Two runs on one cluster would break each other's control plane.
const lanes = cluster === undefined ? Number(values.together) : 1;
await Promise.all(
  Array.from({ length: lanes }, async () => {
    for (let variant = waiting.shift(); variant; variant = waiting.shift()) {
      const outcome = await untilJudged(variant);
      outcomes.push(outcome);
      console.log(`| ${rowOf(outcome).join(' | ')} |`);
    }
  }),
);
const wrong = outcomes.filter(({ isRight }) => !isRight);
console.log(`\n${outcomes.length - wrong.length} of ${variants.length} as expected.`);
for (const { variant, folder, result, output } of wrong) {
  console.log(`\nNot as expected: ${pasteable(variant.args)}, see ${folder}\n${result?.reason ?? output}`);
}
process.exitCode = wrong.length > 0 || variants.length === 0 ? 1 : 0;

async function untilJudged(variant: Variant): Promise<Outcome> {
  for (let tries = 1; ; tries++) {
    const outcome = await runOnce(variant, tries);
    const code = outcome.result?.reasonCode;
    const isStarved = code === 'prober-starved' || code === 'gap';
    if (!isStarved || tries === maxTries) return outcome;
    process.stderr.write(`Once more, the machine was busy: ${outcome.result?.reason} (${outcome.folder})\n`);
  }
}

async function runOnce(variant: Variant, tries: number): Promise<Outcome> {
  const argv = [process.execPath, bin, 'run', ...variant.args, ...common, '--runs', values.runs];
  const { exitCode, stdout, stderr } = await tryRun(argv, { timeoutMs: runTimeoutMs });
  const folder = /^Run folder: (.*)$/m.exec(stderr)?.[1] ?? '';
  const result = folder === '' ? undefined : readResult(folder);
  const isRight = exitCode === variant.exit && result?.reasonCode === variant.reason && result.clean === true;
  return { variant, exit: exitCode, result, folder, output: `${stdout}\n${stderr}`.trim(), tries, isRight };
}

function readResult(folder: string): Result | undefined {
  try {
    return parseResult(JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')));
  } catch {
    // The harness broke before it could judge: the exit code and the output say so.
    return undefined;
  }
}

function rowOf({ variant, exit, result, tries }: Outcome): readonly string[] {
  const lags = Object.values(result?.probers ?? {}).map(({ lagP99Ms }) => lagP99Ms ?? 0);
  return [
    `\`${pasteable(variant.args)}\``,
    String(exit),
    `${variant.exit} (${variant.reason})`,
    result?.verdict ?? '–',
    result?.reasonCode ?? '–',
    result ? (result.durationMs / 1_000).toFixed(0) : '–',
    lags.length > 0 ? Math.max(...lags).toFixed(1) : '–',
    String(tries),
  ];
}
