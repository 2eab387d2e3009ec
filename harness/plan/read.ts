import { z } from 'zod';
import { BlackstartError, messageOf } from '../core/errors.ts';
import { phases } from '../core/events.ts';
import {
  callSchema,
  coreDnsPlaceSchema,
  credentialSchema,
  faultSchema,
  hopSchema,
  serveStaleSchema,
  telemetrySchema,
  upstreamSchema,
} from '../experiment/schema.ts';
import { deepFreeze } from './freeze.ts';
import { phaseLimits } from './phase-limits.ts';
import { attemptSchema } from './planned-attempt.ts';
import type { Plan, PlannedBudget, PlannedExpectation, PlannedLane, PlannedProbe, PlannedStep } from './plan.ts';

/** The version of plan.json's shape that this code writes. Older ones stay readable. */
const schemaVersion = 1;

/** Reads a stored plan.json. `source` names it in errors. Throws `invalid-experiment` when it is no plan. */
export function readPlan(text: string, source: string): Plan {
  const json = parseJson(text, source);
  const version = (json as { readonly schemaVersion?: unknown } | null)?.schemaVersion;
  if (version !== schemaVersion) {
    const found = typeof version === 'number' ? `has schema version ${version}` : 'is no plan: it has no schemaVersion';
    throw new BlackstartError('invalid-experiment', `${source} ${found}; this Blackstart reads ${schemaVersion}`, {
      hint: 'Use the version of Blackstart that wrote the run.',
    });
  }
  const read = planSchema.safeParse(json);
  if (read.success) return deepFreeze({ ...read.data, limitsMs: read.data.limitsMs ?? phaseLimits(read.data) });
  const lines = read.error.issues.map((issue) => `  ${z.core.toDotPath(issue.path)}: ${issue.message}`);
  throw new BlackstartError('invalid-experiment', [`${source} is no whole plan:`, ...lines].join('\n'));
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new BlackstartError('invalid-experiment', `${source} is no JSON: ${messageOf(error)}`, { cause: error });
  }
}

const ms = z.number();
const forwardSchema = z.enum(['tcp', 'udp']);

const probeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('core-dns') }),
  z.object({
    kind: z.literal('node-dns-cache'),
    holdMs: ms,
    holdIncidentMs: ms,
    serveStale: serveStaleSchema,
    forward: forwardSchema,
    // Not in the plans of older versions.
    upstream: upstreamSchema.default('ready'),
    dnsPort: z.int(),
    metricsPort: z.int(),
  }),
  z.object({ kind: z.literal('api-server') }),
  z.object({
    kind: z.literal('operator'),
    credential: credentialSchema,
    call: callSchema,
    rateHz: z.number().exactOptional(),
  }),
  z.object({ kind: z.literal('loopback') }),
]) satisfies z.ZodType<PlannedProbe>;

const laneSchema = z.object({
  name: z.string(),
  role: z.enum(['subject', 'control', 'reference']),
  probe: probeSchema,
  rateHz: z.number(),
  deadlineMs: ms,
}) satisfies z.ZodType<PlannedLane>;

const stepSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('inject'),
    name: z.string(),
    fault: faultSchema,
    sabotaged: z.boolean(),
    when: z.object({ lane: z.string(), from: z.enum(['refresh', 'expiry']), offsetMs: ms }).nullable(),
    description: z.object({
      does: z.string(),
      targets: z.string(),
      confirmedBy: z.array(z.string()),
      undo: z.string(),
    }),
  }),
  z.object({ kind: z.literal('observe'), forMs: ms, forIncidentMs: ms }),
  z.object({
    kind: z.literal('operate'),
    name: z.string(),
    kubectl: z.array(z.string()),
    credential: credentialSchema,
    timeoutMs: ms,
  }),
  attemptSchema,
]) satisfies z.ZodType<PlannedStep>;

const lane = z.string();

const budgetSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('availability'), lane, atLeast: z.number(), minSamples: z.number() }),
  z.object({ kind: z.literal('latency'), lane, quantile: z.number(), atMostMs: ms }),
  z.object({ kind: z.literal('longest-outage'), lane, atMostMs: ms }),
]) satisfies z.ZodType<PlannedBudget>;

const otherwise = z.string();
const share = z.number();
const ruleSchema = z.object({ atLeast: z.number(), p99Ms: ms, overMs: ms });

const expectationSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('breaks-at-expiry'), lane, holdMs: ms, withinMs: ms, hop: hopSchema, share, otherwise }),
  z.object({
    kind: z.literal('breaks'),
    lane,
    before: z.string().nullable(),
    outcome: z.string().nullable(),
    otherwise,
  }),
  z.object({ kind: z.literal('answers-stale'), lane, share, otherwise }),
  z.object({ kind: z.literal('locks-out'), lane, atLeastMs: ms, otherwise }),
  z.object({ kind: z.literal('alarms'), lane, rule: ruleSchema, otherwise }),
  z.object({ kind: z.literal('stays-quiet'), lane, before: z.string(), rule: ruleSchema, otherwise }),
  z.object({ kind: z.literal('gets-through'), lane, share, otherwise }),
  z.object({ kind: z.literal('under-load'), lane, share, otherwise }),
]) satisfies z.ZodType<PlannedExpectation>;

const planSchema = z.object({
  schemaVersion: z.literal(schemaVersion),
  experiment: z.string(),
  title: z.string(),
  hypothesis: z.string(),
  backend: z.string(),
  seed: z.number(),
  timeScale: z.number(),
  parameters: z.record(z.string(), z.string()),
  // Plans of before there were agents have none.
  cluster: z.object({
    workers: z.int(),
    coreDns: coreDnsPlaceSchema,
    telemetry: telemetrySchema.nullable().default(null),
  }),
  service: z.object({
    manifests: z.string().nullable(),
    namespace: z.string(),
    name: z.string(),
    port: z.int(),
  }),
  lanes: z.array(laneSchema),
  steadyState: z.object({ healthyForMs: ms }),
  method: z.array(stepSchema),
  recovery: z.object({ lanes: z.array(z.string()), atMostMs: ms, healthyForMs: ms }),
  // Plans of before phases had limits: what they would get today. Judging does not read it.
  limitsMs: z.record(z.enum(phases), ms).optional(),
  budgets: z.array(budgetSchema),
  expectations: z.array(expectationSchema),
}) satisfies z.ZodType<Omit<Plan, 'limitsMs'>>;
