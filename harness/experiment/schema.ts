import { z } from 'zod';
import { isDuration, type Duration, type ScaledDuration } from '../core/duration.ts';
import type { Hop } from '../core/sample.ts';
import { rungSchema } from './rung-schema.ts';
import type {
  AlarmRule,
  BudgetSpec,
  CacheUpstream,
  ExpectationSpec,
  ExperimentDefinition,
  FaultSpec,
  LaneSpec,
  RecoverySpec,
  ServeStale,
  StepSpec,
  TelemetryAgentSpec,
  TelemetrySpec,
  WhenSpec,
} from './spec.ts';

/** The shapes of `spec.ts` at run time: types are stripped, so nothing else checks what an author wrote. */

export const hopSchema = z.enum(['resolve', 'connect', 'request']) satisfies z.ZodType<Hop>;
export const serveStaleSchema = z.enum(['off', 'verify', 'immediate']) satisfies z.ZodType<ServeStale>;
export const upstreamSchema = z.enum(['ready', 'all']) satisfies z.ZodType<CacheUpstream>;
export const coreDnsPlaceSchema = z.enum(['workers', 'control-plane']);

const durationSchema = z.custom<Duration>((value) => typeof value === 'string' && isDuration(value), {
  error: 'expected a duration such as 250ms, 90s, 20m or 1h',
});
const scaledSchema = z.strictObject(
  { scaled: durationSchema },
  { error: "expected incident time such as scaled('20m')" },
) satisfies z.ZodType<ScaledDuration>;

const selectorSchema = z.strictObject({ namespace: z.string(), labels: z.record(z.string(), z.string()) });
const yamlFileSchema = z.strictObject({ path: z.string(), document: z.unknown() });

export const agentSchema = z.strictObject({
  mode: z.enum(['full-list-quorum', 'full-list-rv0', 'node-list-quorum', 'node-list-rv0', 'watch']),
  resource: z.enum(['pods', 'nodes', 'services', 'endpointslices', 'configmaps']),
  interval: durationSchema,
  jitter: z.number(),
  concurrency: z.number(),
  timeout: durationSchema,
  retry: z.enum(['after', 'at-once', 'none']),
  readBytesPerS: z.number(),
  nodes: z.number(),
}) satisfies z.ZodType<TelemetryAgentSpec>;

export const telemetrySchema = z.strictObject({
  fakeNodes: z.number(),
  podsPerNode: z.number(),
  agent: agentSchema,
  fairness: z.enum(['shared', 'by-user', 'default']),
}) satisfies z.ZodType<TelemetrySpec>;

export const credentialSchema = z.enum(['admin', 'break-glass']);
export const callSchema = z.enum(['get', 'list', 'patch']);

export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('pod-chaos'),
    action: z.enum(['pod-kill', 'pod-failure', 'container-kill']),
    select: selectorSchema,
    mode: z.enum(['one', 'all']),
    containerNames: z.array(z.string()),
    duration: durationSchema.nullable(),
  }),
  z.strictObject({ kind: z.literal('pod-chaos-file'), file: yamlFileSchema }),
  z.strictObject({ kind: z.literal('api-server-down') }),
  z.strictObject({ kind: z.literal('api-server-hang') }),
  z.strictObject({ kind: z.literal('api-server-cpu'), millicores: z.number() }),
  z.strictObject({ kind: z.literal('core-dns-restart') }),
  z.strictObject({ kind: z.literal('node-pause') }),
  z.strictObject({ kind: z.literal('telemetry-rollout'), agent: agentSchema }),
]) satisfies z.ZodType<FaultSpec>;

const laneSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('core-dns') }),
  z.strictObject({
    kind: z.literal('node-dns-cache'),
    hold: scaledSchema,
    serveStale: serveStaleSchema,
    upstream: upstreamSchema,
    forward: z.enum(['tcp', 'udp']),
  }),
  z.strictObject({ kind: z.literal('api-server') }),
  z.strictObject({
    kind: z.literal('operator'),
    credential: credentialSchema,
    call: callSchema,
    rateHz: z.number().exactOptional(),
  }),
]) satisfies z.ZodType<LaneSpec>;

const whenSchema = z.strictObject({
  lane: z.string(),
  from: z.enum(['refresh', 'expiry']),
  offset: durationSchema,
}) satisfies z.ZodType<WhenSpec>;

const stepSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('inject'),
    name: z.string(),
    fault: faultSchema,
    when: whenSchema.nullable(),
  }),
  z.strictObject({ kind: z.literal('observe'), time: scaledSchema }),
  z.strictObject({
    kind: z.literal('operate'),
    name: z.string(),
    kubectl: z.array(z.string()),
    credential: credentialSchema,
    timeout: durationSchema,
  }),
  z.strictObject({
    kind: z.literal('attempt'),
    name: z.string(),
    rung: rungSchema,
    level: z.string(),
    load: agentSchema,
    quiet: durationSchema,
  }),
]) satisfies z.ZodType<StepSpec>;

const budgetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('availability'), atLeast: z.number(), minSamples: z.number() }),
  z.strictObject({ kind: z.literal('latency'), quantile: z.number(), atMost: durationSchema }),
  z.strictObject({ kind: z.literal('longest-outage'), atMost: durationSchema }),
]) satisfies z.ZodType<BudgetSpec>;

const ruleSchema = z.strictObject({
  atLeast: z.number(),
  p99: durationSchema,
  over: durationSchema,
}) satisfies z.ZodType<AlarmRule>;

const expectationSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('breaks-at-expiry'),
    lane: z.string(),
    within: durationSchema,
    hop: hopSchema,
    share: z.number(),
    otherwise: z.string(),
  }),
  z.strictObject({
    kind: z.literal('breaks'),
    lane: z.string(),
    before: z.string().nullable(),
    outcome: z.string().nullable(),
    otherwise: z.string(),
  }),
  z.strictObject({ kind: z.literal('answers-stale'), lane: z.string(), share: z.number(), otherwise: z.string() }),
  z.strictObject({
    kind: z.literal('locks-out'),
    lane: z.string(),
    atLeast: durationSchema,
    otherwise: z.string(),
  }),
  z.strictObject({ kind: z.literal('alarms'), lane: z.string(), rule: ruleSchema, otherwise: z.string() }),
  z.strictObject({
    kind: z.literal('stays-quiet'),
    lane: z.string(),
    before: z.string(),
    rule: ruleSchema,
    otherwise: z.string(),
  }),
  z.strictObject({ kind: z.literal('gets-through'), lane: z.string(), share: z.number(), otherwise: z.string() }),
  z.strictObject({ kind: z.literal('under-load'), lane: z.string(), share: z.number(), otherwise: z.string() }),
]) satisfies z.ZodType<ExpectationSpec>;

const recoverySchema = z.strictObject({
  lanes: z.array(z.string()),
  atMost: durationSchema,
  healthyFor: durationSchema,
}) satisfies z.ZodType<RecoverySpec>;

/** One schema per section, so that a mistake in one does not hide those in the others. */
export const sectionSchemas = {
  cluster: z.strictObject({
    workers: z.number().exactOptional(),
    coreDns: coreDnsPlaceSchema.exactOptional(),
    telemetry: telemetrySchema.exactOptional(),
  }),
  lanes: z.record(z.string(), laneSchema),
  steadyState: z.strictObject({ beyondHold: durationSchema }),
  method: z.array(stepSchema),
  budgets: z.record(z.string(), z.array(budgetSchema)),
  recovery: recoverySchema,
  expectations: z.array(expectationSchema),
} satisfies { readonly [Section in keyof ExperimentDefinition]: z.ZodType<ExperimentDefinition[Section]> };
