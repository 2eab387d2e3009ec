import { z } from 'zod';
import { loadSchema } from './load-schema.ts';
import { raceFindingsSchema, remedySchema } from './remedy-race/findings.ts';
import { scaleSweepFindingsSchema } from './scale-sweep/findings.ts';

/** Why the verdict is what it is, as a word that programs can compare. */
const reasonCodes = [
  'pass',
  'prediction',
  'run-inconclusive',
  'too-few-runs',
  'not-measured',
  'control-recovered',
  'no-remedy',
  'order',
  'too-few-seeds',
  'harness-error',
  'torn-log',
  'interrupted',
  'judge-error',
] as const;

/** What a study looks at of one of its runs. The whole of it is in the run's own folder. */
const studyRunSchema = z.strictObject({
  name: z.string(),
  folder: z.string().describe("Within the study's folder."),
  experiment: z.string(),
  parameters: z.record(z.string(), z.string()),
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
  reasonCode: z.string(),
  reason: z.string(),
  clean: z.boolean().nullable(),
  load: loadSchema.nullable().describe('null: no agents of a telemetry rollout were at work.'),
  remedy: remedySchema.optional().describe('Only of a run that tries remedies.'),
});

/** One member for each kind of study; null: there is nothing to tell. */
const findingsSchema = z.discriminatedUnion('kind', [scaleSweepFindingsSchema, raceFindingsSchema]).nullable();

/** What a study came to. */
export const studyResultSchema = z.strictObject({
  schemaVersion: z.literal(1),
  study: z.string(),
  backend: z.string(),
  seed: z.number(),
  startedAt: z.string().describe('RFC 3339, UTC.'),
  durationMs: z.number().describe('Wall time, without judging.'),
  parameters: z.record(z.string(), z.string()),
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
  reason: z.string(),
  reasonCode: z.enum(reasonCodes),
  exitCode: z.number(),
  interrupted: z.boolean(),
  clean: z.boolean().nullable().describe('null: a log, of the study or of a run, ends before the undo was verified.'),
  leftovers: z.array(z.strictObject({ what: z.string(), command: z.string() })),
  runs: z.array(studyRunSchema),
  findings: findingsSchema,
});

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

export type StudyResult = DeepReadonly<z.infer<typeof studyResultSchema>>;
export type StudyRun = StudyResult['runs'][number];

/** What a kind of study makes of its runs. */
export type Finding = Pick<StudyResult, 'verdict' | 'reasonCode' | 'reason' | 'findings'>;

/** The same of one kind of study. */
export type FindingOf<Findings> = Omit<Finding, 'findings'> & { readonly findings: Findings };

/** The text of a study's `result.json`. Throws when the result does not fit its schema. */
export function renderStudyJson(result: StudyResult): string {
  return `${JSON.stringify(studyResultSchema.parse(result), null, 2)}\n`;
}
