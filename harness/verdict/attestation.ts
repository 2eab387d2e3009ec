import { z } from 'zod';
import { rungPromises } from '../experiment/rung-spec.ts';
import { formatCount } from './format.ts';
import type { Result } from './result.ts';

/** A dated statement that the ways back in were tried, and how they did; for whoever has to show it. */
const attestationSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** When the run began: RFC 3339, UTC. */
  date: z.iso.datetime(),
  experiment: z.string(),
  backend: z.string(),
  /** The file of the procedure without its folder, or `none` for the usual one. */
  procedure: z.string(),
  verdict: z.enum(['pass', 'fail']),
  reason: z.string(),
  credentials: z.array(z.strictObject({ as: z.string(), file: z.string(), expires: z.string().nullable() })),
  rungs: z.array(
    z.strictObject({
      rung: z.string(),
      level: z.string(),
      agents: z.number(),
      outcome: z.string(),
      verdict: z.enum(['pass', 'fail', 'inconclusive']),
      dependsOn: z.array(z.string()),
      /** For how long no agent sent a request, where removal was promised; null elsewhere. */
      quietMs: z.number().nullable().default(null),
      promises: z.array(
        z.strictObject({
          promise: z.enum(rungPromises),
          outcome: z.enum(['kept', 'broken', 'unknown']),
          measuredMs: z.number().nullable(),
          limitMs: z.number(),
        }),
      ),
    }),
  ),
});

export type Attestation = Readonly<z.infer<typeof attestationSchema>>;

/** What a run attests; undefined when no rung promised anything, or it proved nothing about them. */
export function attestationOf(result: Result): Attestation | undefined {
  const { rungs, verdict, experiment, backend, startedAt, parameters } = result;
  if (verdict === 'inconclusive' || rungs.every(({ promises }) => promises.length === 0)) return undefined;
  const credentials = new Map(rungs.flatMap(({ credential }) => (credential ? [[credential.as, credential]] : [])));
  return attestationSchema.parse({
    schemaVersion: 1,
    date: startedAt,
    experiment,
    backend,
    procedure: (parameters['procedure'] ?? 'none').split('/').at(-1),
    verdict,
    reason: reasonOf(result),
    credentials: [...credentials.values()],
    rungs: rungs.map(({ rung, level, agents, outcome, verdict: own, dependsOn, quietMs, promises }) => ({
      rung,
      level,
      agents,
      outcome,
      verdict: own,
      dependsOn,
      quietMs: promises.some(({ promise }) => promise === 'remove') ? quietMs : null,
      promises: promises.map(({ promise, outcome: kept, measuredMs, limitMs }) => ({
        promise,
        outcome: kept,
        measuredMs,
        limitMs,
      })),
    })),
  });
}

/** From the names of rungs and outcomes alone: what a call or a program said is not for the public. */
function reasonOf({ rungs, verdict, reasonCode }: Result): string {
  const broken = rungs.filter((rung) => rung.verdict === 'fail').map(({ rung, level }) => `${rung} (${level})`);
  if (broken.length > 0) return `What the procedure promises is not kept by ${broken.join(', ')}.`;
  const promised = rungs.filter(({ promises }) => promises.length > 0);
  const kept = promised.filter((rung) => rung.verdict === 'pass').length;
  const all = `${formatCount(kept, 'rung')} of ${promised.length} kept what the procedure promises`;
  return verdict === 'pass' ? `${all}.` : `${all}; the run failed for another reason: ${reasonCode}.`;
}

/** Reads a stored attestation; undefined for anything else. */
export function parseAttestation(text: string): Attestation | undefined {
  try {
    return attestationSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
