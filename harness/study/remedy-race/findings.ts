import { z } from 'zod';

function after(what: string): z.ZodNullable<z.ZodNumber> {
  return z.number().nullable().describe(`Milliseconds from the remedy to ${what}; null: it was not seen.`);
}

/** What one remedy did to one overload. */
export const remedySchema = z.strictObject({
  remedy: z.string(),
  seed: z.number(),
  outcome: z.enum(['tried', 'cannot', 'not-tried']).describe('cannot: the backend lacks something, see message.'),
  message: z.string().describe('Empty, or what did not work.'),
  leftOut: z.array(z.string()).describe('Parts of it that the backend cannot do.'),
  lockedOut: z.boolean().describe('The normal admin was seen locked out just before.'),
  control: z.string().describe('What was seen of the normal admin just before.'),
  lagMs: z
    .number()
    .nullable()
    .describe("The probers' own scheduling lag, p99 of the worst; null: not known, or one could not reach itself."),
  watchedMs: z.number().nullable(),
  firstMutationMs: after('the first mutating call of the normal admin that succeeded'),
  lastingMutationMs: after('the first answer in 5 s in which every mutating call of the normal admin succeeded'),
  removedMs: after('the moment from which no agent ran or sent a request'),
  removal: z.string().describe('What was seen of the agents.'),
  dataPlaneBroken: z.boolean().nullable().describe('Lookups failed just before; null: the run does not look.'),
  dataPlaneMs: after('the first answer in 5 s in which every lookup succeeded, on every node'),
  wellMs: after('the last of these: everything is well'),
  herd: z
    .strictObject({
      agentsPerS: z.number().nullable().describe('Most requests of the agents in a second.'),
      inFlight: z.number().nullable().describe('Most requests in flight in the API server, by its metrics.'),
      relocked: z.boolean().nullable().describe('The normal admin was locked out again; null: was never back.'),
    })
    .describe('From the moment at which the normal admin is back; where that never came, from the remedy.'),
});

/** What came of the race. */
export const raceFindingsSchema = z.strictObject({
  kind: z.literal('remedy-race'),
  order: z
    .array(z.strictObject({ seed: z.number(), remedies: z.array(z.string()) }))
    .describe('Faster than the control, by the time until everything was well, the fastest first; per seed.'),
  noEffect: z.array(z.string()).describe('After these nothing was well within the time that they had.'),
  partly: z.array(z.string()).describe('After these something was well within that time, and not everything.'),
  cannot: z.array(z.strictObject({ remedy: z.string(), needs: z.string() })),
  horizonMs: z.number().describe('The longest time that a remedy was watched.'),
});

type Mutable = z.infer<typeof raceFindingsSchema>;
type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

export type RaceFindings = DeepReadonly<Mutable>;
export type RemedyMeasures = DeepReadonly<z.infer<typeof remedySchema>>;
