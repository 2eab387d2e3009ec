import type { ScaleSweepSpec, StudyRunSpec } from '../../experiment/study.ts';
import type { Load } from '../load-schema.ts';
import type { StudyRun } from '../study-result.ts';
import { buildModel } from './model.ts';
import { brokeBy, shortOf } from './tipped.ts';

/** Kubernetes is tested with so many nodes; an experiment takes no more agents. */
const mostAgents = 5_000;
/** A run that could not be judged is made once more: the usual reason is the machine. */
const mostTries = 2;
/** Sizes from which the prediction is made, as shares of half of the tipping size that the first run promises. */
const fitShares = [0.6, 0.8, 0.95] as const;
/** A line through fewer says nothing of how wrong it is. */
const fewestFitted = 3;
/** From one size to the next around the predicted one, and how near the kept and the broken one must be. */
const stepFactor = 1.2;
const nearFactor = 1.12;
/** Where the climb begins, as a share of the predicted size. */
const firstClimb = 0.85;

/** A run that can be used, with its load. */
interface UsableRun {
  readonly run: StudyRun;
  readonly load: Load;
}

/** The runs of a sweep, told apart by what they were: so many nodes, so many agents. */
export interface Sweep {
  /** An agent per node, smallest first. */
  readonly steps: readonly UsableRun[];
  /** The smallest cluster, with agents that ask for more than there is. */
  readonly saturated: UsableRun | undefined;
  /** The tries of the run that could not be judged in any of them; nothing comes after it. Empty: there is none. */
  readonly lost: readonly StudyRun[];
}

/** Sorts what is there. */
export function readSweep(done: readonly StudyRun[]): Sweep {
  const usable = done.flatMap((run) => (run.load && isUsable(run) ? [{ run, load: run.load }] : []));
  const steps = usable.filter(({ load }) => load.agents === load.nodes).toSorted((a, b) => a.load.nodes - b.load.nodes);
  const last = done.at(-1);
  const tries = last && !isUsable(last) ? triesOf(last, done) : [];
  return {
    steps,
    saturated: usable.find(({ load }) => load.agents > load.nodes && shortOf(load) !== undefined),
    lost: tries.length >= mostTries ? tries : [],
  };
}

function isUsable({ verdict, load }: StudyRun): boolean {
  return verdict !== 'inconclusive' && load !== null;
}

/** The same settings make the same run. */
function triesOf({ parameters }: StudyRun, done: readonly StudyRun[]): readonly StudyRun[] {
  const settings = JSON.stringify(parameters);
  return done.filter((run) => JSON.stringify(run.parameters) === settings);
}

/** The next run, from those that are over; undefined when nothing more can be learned. Pure. */
export function nextRun(spec: ScaleSweepSpec, done: readonly StudyRun[]): StudyRunSpec | undefined {
  const last = done.at(-1);
  const sweep = readSweep(done);
  if (sweep.lost.length > 0) return undefined;
  if (last && !isUsable(last)) return repeated(last, done.length);
  const [first] = sweep.steps;
  if (!first) return sized(spec, spec.start);
  if (brokeBy(first.run, first.load) !== undefined) return undefined;
  if (!sweep.saturated) return saturating(spec, done);
  const size = nextFitSize(spec, first.load, sweep) ?? nextClimb(spec, sweep) ?? nextRefit(sweep);
  return size === undefined ? undefined : sized(spec, size);
}

/** All sizes a study may come to; checked before anything is made. */
export function possibleRuns(spec: ScaleSweepSpec): readonly StudyRunSpec[] {
  return [sized(spec, spec.start), sized(spec, spec.start, spec.saturation), sized(spec, spec.most)];
}

function sized(spec: ScaleSweepSpec, nodes: number, agents = nodes): StudyRunSpec {
  const { experiment, podsPerNode, intervalS } = spec;
  const name = agents === nodes ? `nodes-${nodes}` : `nodes-${nodes}-agents-${agents}`;
  const own = [`nodes=${nodes}`, `agents=${agents}`, `podsPerNode=${podsPerNode}`, `interval=${intervalS}s`];
  return { name, experiment, set: [...own, ...spec.set] };
}

function repeated({ name, experiment, parameters }: StudyRun, count: number): StudyRunSpec {
  const set = Object.entries(parameters).map(([key, value]) => `${key}=${value}`);
  return { name: `${name}-again-${count}`, experiment, set };
}

/** More agents until they ask for more than there is. */
function saturating(spec: ScaleSweepSpec, done: readonly StudyRun[]): StudyRunSpec | undefined {
  const tried = done.flatMap(({ load }) => (load && load.agents > load.nodes ? [load.agents] : []));
  const agents = Math.min(mostAgents, tried.length === 0 ? spec.saturation : 3 * Math.max(...tried));
  return tried.includes(agents) ? undefined : sized(spec, spec.start, agents);
}

/**
 * As if the cost of a LIST had no fixed part: then it grows faster than it does, and the tipping size is put too low. So
 * these sizes are at most half of the real one.
 */
function nextFitSize(spec: ScaleSweepSpec, { nodes, cpuPerListS }: Load, sweep: Sweep): number | undefined {
  if (cpuPerListS === null || cpuPerListS <= 0 || !sweep.saturated) return undefined;
  const budget = sweep.saturated.load.answeredPerS * cpuPerListS;
  const tipping = Math.sqrt((budget * spec.intervalS * nodes) / cpuPerListS);
  const sizes = fitShares.map((part) => Math.round((part * tipping) / 2)).filter((size) => size > nodes);
  return sizes.find((size) => size <= spec.most && !sweep.steps.some(({ load }) => load.nodes === size));
}

/** The next size on the way to a kept and a broken one that are near each other. */
function nextClimb(spec: ScaleSweepSpec, sweep: Sweep): number | undefined {
  const { kept, broke } = bracket(sweep);
  if (kept === undefined) return undefined;
  if (broke !== undefined) {
    if (broke <= kept * nearFactor) return undefined;
    const middle = Math.round(Math.max(Math.sqrt(kept * broke), broke / stepFactor));
    return middle > kept && middle < broke ? middle : undefined;
  }
  const fitted = sweep.steps.map(({ load }) => load);
  const model = sweep.saturated && buildModel(spec, fitted, sweep.saturated.load);
  if (!model) return undefined;
  const size = Math.round(Math.max(firstClimb * model.tipping.value, kept * stepFactor));
  return kept < spec.most ? Math.min(size, spec.most) : undefined;
}

/** Where the measured size is so small that too few runs are at up to half of it: others, from the largest down. */
function nextRefit(sweep: Sweep): number | undefined {
  const { kept, broke } = bracket(sweep);
  const sizes = sweep.steps.map(({ load }) => load.nodes);
  const [smallest = 0] = sizes;
  if (kept === undefined || broke === undefined) return undefined;
  const half = Math.sqrt(kept * broke) / 2;
  if (sizes.filter((size) => size <= half).length >= fewestFitted) return undefined;
  return fitShares.map((part) => Math.floor(part * half)).findLast((size) => size > smallest && !sizes.includes(size));
}

/** The largest size below which nothing broke, and the smallest that broke. */
export function bracket({ steps }: Pick<Sweep, 'steps'>): { kept: number | undefined; broke: number | undefined } {
  const broke = steps.find(({ run, load }) => brokeBy(run, load) !== undefined)?.load.nodes;
  const kept = steps.findLast(({ load }) => broke === undefined || load.nodes < broke)?.load.nodes;
  return { kept, broke };
}
