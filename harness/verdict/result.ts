import { z } from 'zod';
import { rungPromises } from '../experiment/rung-spec.ts';
import { laneSchema, ms, nullableMs } from './lane-schema.ts';

/** The three verdicts. */
const verdicts = ['pass', 'fail', 'inconclusive'] as const;

/** Why the verdict is what it is, as a word that programs can compare. */
const reasonCodes = [
  'pass',
  'budget',
  'unconfirmed-fault',
  'mismatch',
  'harness-error',
  'phase-timeout',
  'torn-log',
  'prober-starved',
  'gap',
  'too-few-samples',
  'control-lane-held',
  'expectation',
  'rung',
  'normal-path-open',
  'rung-not-tried',
  'not-run',
  'interrupted',
  'judge-error',
] as const;

const confirmation = z.enum(['confirmed', 'unconfirmed', 'mismatch']);

const phaseSchema = z.strictObject({
  phase: z.string(),
  startMs: ms('Since the start of the run.'),
  durationMs: ms('Wall time.'),
  durationIncidentMs: nullableMs('The same in incident time; null for phases whose time is not scaled.'),
  outcome: z.enum(['ok', 'timeout', 'failed', 'interrupted', 'open']).describe('open: the log ends in it.'),
  message: z.string().nullable(),
});

const faultSchema = z.strictObject({
  name: z.string(),
  kind: z.string(),
  confirmation: confirmation.describe('The worst of its targets; unconfirmed when it selected nothing.'),
  kills: z.number().nullable().describe('How often something was killed; null for faults that kill nothing.'),
  startedMs: nullableMs('Since the start of the run; null: never started.'),
  confirmedMs: nullableMs('Since the start of the run, when the confirmation was complete.'),
  targets: z.array(z.strictObject({ name: z.string(), confirmation, evidence: z.array(z.string()) })),
});

const budgetSchema = z.strictObject({
  lane: z.string().describe('For the recovery: its lanes, joined with +.'),
  budget: z.string().describe('availability, latency-pNN, longest-outage or time-to-recover.'),
  unit: z.enum(['ratio', 'ms']),
  measured: z.number().nullable().describe('null: nothing to measure, or it never happened.'),
  limit: z.number(),
  verdict: z.enum(verdicts).describe('inconclusive: the samples that are missing could decide it.'),
  samples: z.number(),
  minSamples: z.number(),
});

const expectationSchema = z.strictObject({
  kind: z.enum([
    'breaks-at-expiry',
    'breaks',
    'answers-stale',
    'locks-out',
    'gets-through',
    'under-load',
    'alarms',
    'stays-quiet',
  ]),
  lane: z.string(),
  expected: z.string(),
  outcome: z.enum(['met', 'not-met', 'unknown']),
  measured: z.string(),
  otherwise: z.string().describe('What it means when it is not met.'),
});

const proberSchema = z.strictObject({
  verdict: z.enum(['honest', 'starved', 'unknown']).describe('unknown: too many of its samples are missing to tell.'),
  lagP99Ms: nullableMs("The prober's own scheduling lag."),
  lagMaxMs: nullableMs("The prober's own scheduling lag."),
  loopbackFailures: z.number(),
  loopbackLost: z.number(),
  clockErrorMs: nullableMs("The most by which the node's clock offset can be wrong."),
});

const measuresSchema = z.strictObject({
  controlPlaneLostMs: nullableMs('Since the start of the run.'),
  maskingWindowMs: nullableMs('Control plane lost to the first data-plane failure.'),
  maskingWindowIncidentMs: nullableMs('The same in incident time.'),
  timeToRecoverMs: nullableMs('API ready again to the start of the healthy window; null: never.'),
  apiOutages: z
    .array(
      z.strictObject({ startMs: ms('Since the start of the run.'), durationMs: ms('Wall time.'), open: z.boolean() }),
    )
    .describe('Every stretch in which the API lane failed, side outages of kills among them.'),
  lockOuts: z
    .record(
      z.string(),
      z
        .strictObject({ startMs: ms('Since the start of the run.'), durationMs: ms('Wall time.'), open: z.boolean() })
        .nullable(),
    )
    .describe('Per operator lane: the longest stretch without a success, 5 calls at least; null: none.'),
  alarmMs: nullableMs('When the alarm went off, since the start of the run; null: never, or the plan has none.'),
  detectionLeadMs: nullableMs('From the alarm to the first failure of the data plane; negative: it came too late.'),
  machine: z
    .strictObject({
      busy: z.number().describe('Mean share of CPU time in use, stolen time included.'),
      stolen: z.number().describe('Mean share that the hypervisor took.'),
      stolenMax: z.number().describe('The most of it within a second.'),
    })
    .nullable()
    .describe('The machine under everything, in the judged window; null where it does not tell.'),
  timeErrorMs: nullableMs('Stated error of all times: clock offset error + sampling interval.'),
  overheadMs: z.strictObject({
    cluster: ms('Creating and deleting the cluster.'),
    chaosMesh: ms('Installing Chaos Mesh.'),
    workloads: ms('Services, caches and probers.'),
    planned: ms('steady-state, inject, observe, heal and recover.'),
    own: ms('Everything else: the harness itself.'),
  }),
});

const agentSchema = z.strictObject({
  node: z.string(),
  pod: z.string(),
  mode: z.string(),
  nodes: z.number().describe('How many nodes it stood for.'),
  requests: z.number(),
  ok: z.number(),
  refused: z.number().describe('Answered 429.'),
  failed: z.number().describe('Everything else, time-outs among it.'),
  bytes: z.number(),
});

const commandSchema = z.strictObject({
  name: z.string(),
  command: z.string(),
  startMs: ms('Since the start of the run.'),
  durationMs: ms('Wall time.'),
  exitCode: z.number().nullable().describe('null: ended by its time limit.'),
  output: z.string(),
});

const rungSchema = z.strictObject({
  attempt: z.string(),
  rung: z.string(),
  level: z.string().describe('Under which load.'),
  agents: z.number().describe('Nodes with an agent.'),
  way: z.string(),
  dependsOn: z.array(z.string()),
  optional: z.boolean().describe('A backend that cannot do it does not keep the run from a verdict.'),
  outcome: z
    .enum(['tried', 'trouble', 'cannot', 'no-load', 'not-locked-out', 'not-reached'])
    .describe('trouble: the harness could not do it, which says nothing about the way.'),
  credential: z
    .strictObject({
      as: z.string(),
      file: z.string().describe('Without its folder.'),
      expires: z.string().nullable().describe('RFC 3339.'),
    })
    .nullable()
    .describe('null: it needs none of the API.'),
  load: z
    .array(z.strictObject({ node: z.string(), ok: z.number(), refused: z.number().describe('Answered 429.') }))
    .nullable()
    .describe("The agents' own counters just before."),
  control: z
    .strictObject({
      outcome: z.enum(['locked-out', 'open', 'unknown']),
      durationMs: nullableMs('For how long nothing was done.'),
      failures: z.number(),
      text: z.string(),
    })
    .describe('The normal admin just before, while nothing was done.'),
  quietMs: ms('Without a request, to count as removed: wall time.'),
  startedMs: nullableMs('From when on the promises count, since the start of the run.'),
  calls: z.array(
    z.strictObject({
      call: z.enum(['read', 'write']),
      through: z.string(),
      status: z.number().nullable().describe('null: no answer.'),
      durationMs: ms('Of the first of five successes in a row, or else of the last try.'),
      tries: z.number().describe('Up to that one.'),
      priorityLevel: z.string().nullable().describe('Which served it.'),
      message: z.string(),
    }),
  ),
  promises: z.array(
    z.strictObject({
      promise: z.enum(rungPromises),
      outcome: z.enum(['kept', 'broken', 'unknown']),
      measuredMs: nullableMs('From the start of the rung; null: never.'),
      limitMs: ms('Wall time.'),
      text: z.string(),
    }),
  ),
  acts: z.array(
    z.strictObject({ act: z.string(), durationMs: ms('Wall time.'), ok: z.boolean(), message: z.string() }),
  ),
  verdict: z.enum(verdicts),
  message: z.string(),
});

const apiSideSchema = z.strictObject({
  cpuPerS: z.number().nullable().describe('CPU seconds per second; null: not told, or by another process in between.'),
  listsPerS: z.number().nullable(),
  listS: z.number().nullable().describe('Mean duration of a LIST in seconds, waits among it.'),
});

const apiServerSchema = z
  .strictObject({
    reads: z.number(),
    unreachable: z.number().describe('Reads that got no answer.'),
    resource: z.string().describe('Of the LISTs.'),
    before: apiSideSchema.describe('Before the first fault.'),
    during: apiSideSchema.describe('From the first fault to the heal.'),
    inFlightMax: z.number().describe('The most requests that were being served at a read.'),
    rejected: z.record(z.string(), z.number()).describe('Turned away by flow control meanwhile, by priority level.'),
  })
  .nullable()
  .describe('The API server by its own metrics; null: nobody asked it.');

/** What a run came to. Wall milliseconds throughout; a field ending in `IncidentMs` is its scaled twin. */
export const resultSchema = z.strictObject({
  schemaVersion: z.literal(1),
  experiment: z.string(),
  backend: z.string(),
  seed: z.number(),
  timeScale: z.number(),
  startedAt: z.string().describe('RFC 3339, UTC.'),
  durationMs: ms('The whole run, without judging.'),
  parameters: z.record(z.string(), z.string()),
  sabotage: z.array(z.string()).describe('Faults that were asked to be no-ops.'),
  verdict: z.enum(verdicts),
  reason: z.string(),
  reasonCode: z.enum(reasonCodes),
  exitCode: z.number(),
  interrupted: z.boolean(),
  clean: z.boolean().nullable().describe('null: the log ends before the undo was verified.'),
  leftovers: z.array(z.strictObject({ what: z.string(), command: z.string() })),
  versions: z.record(z.string(), z.string()),
  phases: z.array(phaseSchema),
  faults: z.array(faultSchema),
  lanes: z.record(z.string(), laneSchema),
  probers: z.record(z.string(), proberSchema),
  budgets: z.array(budgetSchema),
  expectations: z.array(expectationSchema),
  agents: z.array(agentSchema).describe('What the telemetry agents counted, each to its last report.'),
  // Results of before it was asked have none.
  apiServer: apiServerSchema.default(null),
  commands: z.array(commandSchema).describe('What the operator typed.'),
  rungs: z.array(rungSchema).default([]).describe('The break-glass ladder: every rung under every load.'),
  measures: measuresSchema,
});

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

export type Result = DeepReadonly<z.infer<typeof resultSchema>>;
/** Reads a stored result. Throws a ZodError that names every field which does not fit. */
export function parseResult(value: unknown): Result {
  return resultSchema.parse(value);
}

export type Verdict = Result['verdict'];
export type ReasonCode = Result['reasonCode'];
export type LaneResult = Result['lanes'][string];
export type RungResult = Result['rungs'][number];
export type FaultResult = Result['faults'][number];
export type BudgetResult = Result['budgets'][number];
export type ExpectationResult = Result['expectations'][number];
export type ProberResult = Result['probers'][string];
