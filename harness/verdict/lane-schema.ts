import { z } from 'zod';

/** Wall milliseconds. */
export function ms(meaning: string): z.ZodNumber {
  return z.number().describe(meaning);
}

export function nullableMs(meaning: string): z.ZodNullable<z.ZodNumber> {
  return z.number().nullable().describe(meaning);
}

const latencySchema = z.strictObject({
  p50: z.number().nullable(),
  p90: z.number().nullable(),
  p99: z.number().nullable(),
  max: z.number().nullable(),
});

const countsShape = {
  samples: z.number(),
  failures: z.number(),
  availability: z.number().nullable().describe('Share of samples that succeeded, 0 to 1; null without samples.'),
};

const figuresShape = {
  ...countsShape,
  lost: z.number().describe('Samples that are missing in the judged window.'),
  firstFailureMs: nullableMs('First failure in the judged window, since the start of the run; null: never.'),
  longestOutageMs: ms('Start of the first failed sample to the first success after it.'),
  latencyMs: latencySchema.describe('Total time of successful samples.'),
};

const upstreamSchema = z.strictObject({ ...countsShape, latencyMs: latencySchema });

const stretchSchema = z.strictObject({
  state: z.enum(['fresh', 'stale', 'failing', 'nothing']).describe('nothing: no samples.'),
  fromMs: ms('Since the start of the run.'),
  toMs: ms('Since the start of the run.'),
});

const nodeSchema = z.strictObject({
  ...figuresShape,
  lastRefreshMs: nullableMs('Last refresh of the cache before it first failed, or before the heal; null: none seen.'),
  staleShare: z.number().nullable().describe('Share of the time from expiry to heal answered from stale entries.'),
  timeline: z.array(stretchSchema).describe('What the lane answered from, first fault to end of the judged window.'),
});

/** What one lane measured in the judged window: control plane lost (else first fault) to the end of the recovery. */
export const laneSchema = z.strictObject({
  role: z.enum(['subject', 'control', 'reference']),
  kind: z.string(),
  ...figuresShape,
  outcomes: z.record(z.string(), z.number()),
  gaps: z
    .array(
      z.strictObject({
        node: z.string(),
        fromMs: ms('Since the start of the run.'),
        toMs: ms('Since the start of the run.'),
        durationMs: ms('Wall time.'),
        cause: z.enum(['no-samples', 'new-session']),
      }),
    )
    .describe('Stretches without samples between the start of probing and the end of the recovery.'),
  nodes: z.record(z.string(), nodeSchema),
  byUpstream: z
    .strictObject({
      answering: upstreamSchema,
      noListener: upstreamSchema,
      servfail: upstreamSchema,
      endpointsEmpty: upstreamSchema,
      unknown: upstreamSchema,
    })
    .nullable()
    .describe('By what CoreDNS itself did on the same node at that time; only for a subject beside a CoreDNS lane.'),
});
