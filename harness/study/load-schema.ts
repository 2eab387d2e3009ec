import { z } from 'zod';

function share(ofWhat: string): z.ZodNumber {
  return z.number().describe(`Share, 0 to 1, ${ofWhat}`);
}

/** The load that telemetry agents put on an API server, from when all of them are at work to the heal. */
export const loadSchema = z.strictObject({
  nodes: z.number(),
  objects: z.number().describe('Fake pods: what a LIST of all pods gives.'),
  agents: z.number(),
  askedPerS: z.number().describe('LISTs that the agents want, by their configuration.'),
  windowS: z.number(),
  sent: z.number().describe('By the counters of the agents, as everything here that does not say otherwise.'),
  answeredPerS: z.number(),
  refused: share('of the LISTs that ended: answered 429, failed or timed out.'),
  unanswered: share('of the LISTs that the agents want: not answered in the window, whatever became of them.'),
  listS: z.number().nullable().describe('Mean duration, by the metrics of the API server; null: not reachable.'),
  cpuPerS: z.number().nullable().describe('CPU seconds of the API server per second.'),
  idleCpuPerS: z.number().nullable().describe('The same before the rollout.'),
  cpuPerListS: z.number().nullable().describe('What it used beyond that, per LIST that it answered.'),
  getP99Ms: z.number().nullable().describe('Successful calls of the subject.'),
  getFailures: z.number(),
  gets: z.number(),
  unreachable: z.number().describe('Reads of the metrics that got no answer.'),
});

export type Load = Readonly<z.infer<typeof loadSchema>>;

/** Six decimals: a microsecond of CPU per LIST. */
export function rounded(value: number): number {
  return Number(value.toFixed(6));
}
