import { z } from 'zod';

const estimate = z
  .strictObject({ value: z.number(), low: z.number(), high: z.number() })
  .describe('With its 95 % interval, of the fit alone.');

/** What a scale sweep found; null where it was not come to. */
export const scaleSweepFindingsSchema = z.strictObject({
  kind: z.literal('scale-sweep'),
  budgetCpuPerS: z.number().nullable().describe('CPU seconds per second that the API server could give to LISTs.'),
  costPerList: z
    .strictObject({
      fixedS: z.number().describe('CPU seconds of a LIST of nothing.'),
      perObjectS: estimate,
    })
    .nullable(),
  exponent: estimate.nullable().describe('The total load grows with this power of the number of nodes.'),
  fittedRuns: z.array(z.string()).describe('Runs at up to half of the measured tipping size.'),
  predictedTipping: estimate.nullable().describe('In nodes.'),
  measuredTipping: z
    .strictObject({ value: z.number(), kept: z.number(), broke: z.number(), brokeBy: z.string() })
    .nullable()
    .describe('In nodes: between the largest size that was kept and the smallest that was not.'),
  error: z.number().nullable().describe('Of the prediction, as a share of the measured size.'),
  shareAtStart: z.number().nullable().describe("Share of the API server's budget at the smallest size."),
  timesAtTarget: estimate.nullable().describe('Multiple of that budget at the size that was asked for.'),
});

type Findings = z.infer<typeof scaleSweepFindingsSchema>;

export type ScaleSweepFindings = Readonly<Omit<Findings, 'fittedRuns'>> & { readonly fittedRuns: readonly string[] };
