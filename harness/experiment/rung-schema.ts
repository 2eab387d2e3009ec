import { z } from 'zod';
import { isDuration, type Duration } from '../core/duration.ts';
import { remedyWays, rungPromises, type RungSpec } from './rung-spec.ts';

const durationSchema = z.custom<Duration>((value) => typeof value === 'string' && isDuration(value), {
  error: 'expected a duration such as 250ms, 90s, 20m or 1h',
});
const credential = z.enum(['admin', 'break-glass']);

/** In every rung; what is left out of a team's own file has these defaults. */
const common = {
  name: z.string(),
  promises: z.array(z.enum(rungPromises)).default([]),
  within: durationSchema,
  dependsOn: z.array(z.string()).default([]),
  optional: z.boolean().default(false),
};

/** One rung, as authors and teams write it. */
export const rungSchema = z.discriminatedUnion('way', [
  z.strictObject({
    ...common,
    way: z.literal('call'),
    credential,
    via: z.enum(['address', 'loopback']).default('address'),
    kubeconfig: z.string().nullable().default(null),
  }),
  z.strictObject({ ...common, way: z.literal('stop-agents') }),
  z.strictObject({ ...common, way: z.literal('block-agents') }),
  z.strictObject({ ...common, way: z.literal('second-api-server') }),
  z.strictObject({ ...common, way: z.literal('restart-api-server') }),
  z.strictObject({ ...common, way: z.literal('take-rights') }),
  z.strictObject({ ...common, way: z.literal('fewer-nodes') }),
  z.strictObject({ ...common, way: z.literal('flow-schema') }),
  z.strictObject({ ...common, way: z.literal('raise-limits') }),
  z.strictObject({
    ...common,
    way: z.literal('remedies'),
    ways: z.array(z.enum(remedyWays)).default([]),
    operator: z.enum(['first', 'second']).default('first'),
  }),
  z.strictObject({
    ...common,
    way: z.literal('command'),
    argv: z.array(z.string()).min(1, { error: 'there is no command' }),
    credential: credential.default('break-glass'),
  }),
]) satisfies z.ZodType<RungSpec>;

/** A team's own procedure: the content of its YAML file. */
export const procedureSchema = z.strictObject({ rungs: z.array(rungSchema).min(1, { error: 'there is no rung' }) });
