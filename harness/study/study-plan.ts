import { z } from 'zod';
import { BlackstartError, messageOf } from '../core/errors.ts';
import type { RemedyRaceSpec, ScaleSweepSpec, StudySpec } from '../experiment/study.ts';

/** What a study was asked to do: `study.json` in its folder. With it and the runs beside it, it can be judged again. */
export interface StudyPlan {
  readonly schemaVersion: 1;
  readonly study: string;
  readonly title: string;
  readonly question: string;
  readonly backend: string;
  /** Of every run. */
  readonly seed: number;
  /** Every declared parameter, as text. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly spec: StudySpec;
}

const scaleSweepSchema = z.strictObject({
  kind: z.literal('scale-sweep'),
  experiment: z.string(),
  set: z.array(z.string()),
  podsPerNode: z.int().positive(),
  intervalS: z.number().positive(),
  start: z.int().positive(),
  saturation: z.int().positive(),
  most: z.int().positive(),
  to: z.int().positive(),
  tolerance: z.number().positive(),
}) satisfies z.ZodType<ScaleSweepSpec>;

const remedyRaceSchema = z.strictObject({
  kind: z.literal('remedy-race'),
  experiment: z.string(),
  set: z.array(z.string()),
  remedies: z.array(z.string()).min(1),
  control: z.string(),
  seeds: z.int().positive(),
}) satisfies z.ZodType<RemedyRaceSpec>;

const specSchema = z.discriminatedUnion('kind', [scaleSweepSchema, remedyRaceSchema]) satisfies z.ZodType<StudySpec>;

const studyPlanSchema = z.strictObject({
  schemaVersion: z.literal(1),
  study: z.string(),
  title: z.string(),
  question: z.string(),
  backend: z.string(),
  seed: z.int(),
  parameters: z.record(z.string(), z.string()),
  spec: specSchema,
}) satisfies z.ZodType<StudyPlan>;

/** Reads a stored study.json. `source` names it in errors. Throws `invalid-experiment` when it is none. */
export function readStudyPlan(text: string, source: string): StudyPlan {
  try {
    return studyPlanSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new BlackstartError('invalid-experiment', `${source} is no study: ${messageOf(cause)}`, { cause });
  }
}

/** What an author's `define` returned. Throws `invalid-experiment` with everything that is wrong with its shape. */
export function checkedSpec(study: string, spec: unknown): StudySpec {
  const read = specSchema.safeParse(spec);
  if (read.success) return read.data;
  const lines = read.error.issues.map((issue) => `  ${z.core.toDotPath(issue.path)}: ${issue.message}`);
  throw new BlackstartError('invalid-experiment', [`study '${study}' does not hold up:`, ...lines].join('\n'));
}
