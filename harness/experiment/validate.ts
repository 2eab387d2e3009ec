import type { z } from 'zod';
import { scaledToMs, toMs } from '../core/duration.ts';
import { BlackstartError } from '../core/errors.ts';
import { checkBudgets, checkExpectations, checkRecovery } from './check-judgement.ts';
import { checkLanes } from './check-lanes.ts';
import { checkMethod } from './check-method.ts';
import { checkTelemetry } from './check-telemetry.ts';
import { didYouMean } from './nearest.ts';
import { problemPath, type CheckContext, type CheckLimits, type Problem } from './problem.ts';
import { sectionSchemas } from './schema.ts';
import type { ExperimentDefinition, LaneRole, LaneSpec } from './spec.ts';

/** Throws one `invalid-experiment` that lists everything that is wrong with the definition, each with its path. */
export function validateDefinition(name: string, definition: ExperimentDefinition, limits: CheckLimits): void {
  const problems = findProblems(definition, limits);
  if (problems.length === 0) return;
  const lines = problems.map(({ path, message }) => `  ${path}: ${message}`);
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  throw new BlackstartError('invalid-experiment', [`experiment '${name}' has ${count}:`, ...lines].join('\n'), {
    hint: `Change it in the experiment, or with --set where it is a parameter ('blackstart list ${name}').`,
  });
}

/** Everything that is wrong with a definition within these limits; sections whose shape is wrong are not looked into. */
export function findProblems(definition: unknown, limits: CheckLimits): readonly Problem[] {
  if (typeof definition !== 'object' || definition === null) {
    return [{ path: 'define', message: 'it must return the definition of the experiment' }];
  }
  const { sections, problems } = readSections(definition as Record<string, unknown>);
  const { cluster, lanes, steadyState, method, budgets, recovery, expectations } = sections;
  const context = contextOf(sections, limits);
  if (cluster) problems.push(...checkCluster(cluster));
  if (lanes) problems.push(...checkLanes(lanes, limits, neededLanes(sections)));
  if (steadyState && toMs(steadyState.beyondHold) < 0) {
    problems.push({ path: 'steadyState.beyondHold', message: `${steadyState.beyondHold} is less than zero` });
  }
  if (method) problems.push(...checkMethod(method, context));
  if (budgets) problems.push(...checkBudgets(budgets, context));
  if (recovery) problems.push(...checkRecovery(recovery, context));
  if (expectations) problems.push(...checkExpectations(expectations, context));
  return problems;
}

/**
 * Where rungs are tried, they are what is judged, each with a control of its own. Under a load that agents counted, that is
 * the proof that something was tried, so no lane has to break.
 */
function neededLanes({ method, expectations }: Sections): readonly LaneRole[] {
  if (method?.some(({ kind }) => kind === 'attempt')) return [];
  return expectations?.some(({ kind }) => kind === 'under-load') ? ['subject'] : ['subject', 'control'];
}

/** What could be read; a section is missing when its shape is wrong. */
type Sections = Partial<ExperimentDefinition>;

function readSections(definition: Record<string, unknown>): { sections: Sections; problems: Problem[] } {
  const sections: Record<string, unknown> = {};
  const problems: Problem[] = [];
  const known = Object.keys(sectionSchemas);
  for (const key of Object.keys(definition).filter((name) => !known.includes(name))) {
    problems.push({ path: key, message: `there is no such section${didYouMean(key, known)}` });
  }
  for (const [name, schema] of Object.entries<z.ZodType>(sectionSchemas)) {
    const read = schema.safeParse(definition[name]);
    if (read.success) sections[name] = read.data;
    else problems.push(...read.error.issues.map((issue) => problemOf(name, issue)));
  }
  return { sections, problems };
}

function problemOf(section: string, issue: z.core.$ZodIssue): Problem {
  return { path: problemPath([section, ...issue.path]), message: issue.message };
}

function contextOf({ cluster, lanes, method }: Sections, { timeScale }: CheckLimits): CheckContext {
  const lane = (name: string): LaneSpec | undefined => (lanes && Object.hasOwn(lanes, name) ? lanes[name] : undefined);
  const names = Object.keys(lanes ?? {});
  const observed = method?.flatMap((step) => (step.kind === 'observe' ? [scaledToMs(step.time, timeScale)] : []));
  return {
    unknownLane: (name) => {
      if (!lanes || lane(name)) return undefined;
      return `there is no lane '${name}'${didYouMean(name, names)} (lanes: ${names.join(', ')})`;
    },
    holdMs: (name) => {
      const spec = lane(name);
      return spec?.kind === 'node-dns-cache' ? scaledToMs(spec.hold, timeScale) : undefined;
    },
    notACache: (name) => {
      const spec = lane(name);
      if (!spec || spec.kind === 'node-dns-cache') return undefined;
      return `lane '${name}' is no cache (${spec.kind}): it holds nothing that could run out`;
    },
    notAnOperator: (name) => {
      const spec = lane(name);
      if (!spec || spec.kind === 'operator') return undefined;
      return `lane '${name}' is no operator's (${spec.kind}): nobody calls the API over it`;
    },
    unknownFault: (name) => {
      const faults = method?.flatMap((step) => (step.kind === 'inject' ? [step.name] : [])) ?? [name];
      return faults.includes(name) ? undefined : `there is no fault '${name}'${didYouMean(name, faults)}`;
    },
    hasTelemetry: !cluster || cluster.telemetry !== undefined,
    hasAdminPatch: !lanes || Object.values(lanes).some(isAdminPatch),
    triesRungs: method?.some(({ kind }) => kind === 'attempt') ?? false,
    outageMs: observed?.reduce((sum, ms) => sum + ms, 0),
  };
}

/** The lane that shows whether the normal path is down. */
function isAdminPatch(lane: LaneSpec): boolean {
  return lane.kind === 'operator' && lane.credential === 'admin' && lane.call === 'patch';
}

function* checkCluster({ workers = 2, telemetry }: ExperimentDefinition['cluster']): Iterable<Problem> {
  if (telemetry) yield* checkTelemetry('cluster.telemetry', telemetry);
  if (!Number.isInteger(workers) || workers < 1 || workers > 9) {
    yield { path: 'cluster.workers', message: `${workers} is impossible: 1 to 9 workers` };
  }
}
