import { z } from 'zod';
import { toMs } from '../core/duration.ts';
import { agentSchema } from '../experiment/schema.ts';
import {
  remedyWays,
  rungPromises,
  type AttemptStepSpec,
  type RungPromise,
  type WaySpec,
} from '../experiment/rung-spec.ts';
import type { TelemetryAgentSpec } from '../experiment/spec.ts';
import { needsOf } from './rung-needs.ts';

export interface PlannedRung {
  readonly name: string;
  readonly promises: readonly RungPromise[];
  readonly withinMs: number;
  readonly dependsOn: readonly string[];
  readonly optional: boolean;
  readonly way: WaySpec;
}

/** One rung, tried under one load. */
export interface PlannedAttempt {
  readonly kind: 'attempt';
  readonly name: string;
  readonly rung: PlannedRung;
  readonly level: string;
  readonly load: TelemetryAgentSpec;
  readonly quietMs: number;
  /** The lane on which the normal admin must be locked out. */
  readonly lane: string;
  /** What it does may let the normal admin through again, so calls that are under way when it begins prove nothing. */
  readonly disturbs: boolean;
}

/** Ways that leave the agents and the first API server alone. */
const harmless: readonly WaySpec['way'][] = ['call', 'second-api-server'];

export function planAttempt(step: AttemptStepSpec, lane: string): PlannedAttempt {
  const { name, promises, within, dependsOn: _, optional, ...way } = step.rung;
  return {
    kind: 'attempt',
    name: step.name,
    rung: { name, promises, withinMs: toMs(within), dependsOn: needsOf(step.rung), optional, way },
    level: step.level,
    load: step.load,
    quietMs: toMs(step.quiet),
    lane,
    disturbs: !harmless.includes(way.way),
  };
}

const credential = z.enum(['admin', 'break-glass']);

const waySchema = z.discriminatedUnion('way', [
  z.object({
    way: z.literal('call'),
    credential,
    via: z.enum(['address', 'loopback']),
    kubeconfig: z.string().nullable(),
  }),
  z.object({ way: z.literal('stop-agents') }),
  z.object({ way: z.literal('block-agents') }),
  z.object({ way: z.literal('second-api-server') }),
  z.object({ way: z.literal('restart-api-server') }),
  z.object({ way: z.literal('take-rights') }),
  z.object({ way: z.literal('fewer-nodes') }),
  z.object({ way: z.literal('flow-schema') }),
  z.object({ way: z.literal('raise-limits') }),
  z.object({ way: z.literal('remedies'), ways: z.array(z.enum(remedyWays)), operator: z.enum(['first', 'second']) }),
  z.object({ way: z.literal('command'), argv: z.array(z.string()), credential }),
]) satisfies z.ZodType<WaySpec>;

/** As it stands in plan.json. */
export const attemptSchema = z.object({
  kind: z.literal('attempt'),
  name: z.string(),
  rung: z.object({
    name: z.string(),
    promises: z.array(z.enum(rungPromises)),
    withinMs: z.number(),
    dependsOn: z.array(z.string()),
    optional: z.boolean(),
    way: waySchema,
  }),
  level: z.string(),
  load: agentSchema,
  quietMs: z.number(),
  lane: z.string(),
  disturbs: z.boolean(),
}) satisfies z.ZodType<PlannedAttempt>;
