import type { ScaleSweepSpec } from '../../experiment/study.ts';
import { rounded } from '../load-schema.ts';
import { lostText } from '../lost-text.ts';
import type { FindingOf, StudyRun } from '../study-result.ts';
import type { ScaleSweepFindings } from './findings.ts';
import { buildModel, type Interval, type Model } from './model.ts';
import { bracket, readSweep, type Sweep } from './steps.ts';
import { brokeBy } from './tipped.ts';

type Finding = FindingOf<ScaleSweepFindings>;
type Measured = NonNullable<ScaleSweepFindings['measuredTipping']>;

const nothing: ScaleSweepFindings = {
  kind: 'scale-sweep',
  budgetCpuPerS: null,
  costPerList: null,
  exponent: null,
  fittedRuns: [],
  predictedTipping: null,
  measuredTipping: null,
  error: null,
  shareAtStart: null,
  timesAtTarget: null,
};

/** Predicts the tipping size from the runs at up to half of the measured one, and says by how much that was wrong. */
export function judgeSweep(spec: ScaleSweepSpec, done: readonly StudyRun[]): Finding {
  const sweep = readSweep(done);
  if (sweep.lost.length > 0) {
    return inconclusive('run-inconclusive', lostText(sweep.lost.map(whyLost), done.length), nothing);
  }
  const [first] = sweep.steps;
  const atOnce = first && brokeBy(first.run, first.load);
  if (atOnce !== undefined) {
    const reason = `Already at ${spec.start} nodes the API server broke: ${atOnce}. Set a smaller start.`;
    return inconclusive('too-few-runs', reason, nothing);
  }
  const measured = measuredTipping(sweep);
  const known = { ...nothing, measuredTipping: measured };
  if (!sweep.saturated) {
    return inconclusive(
      'not-measured',
      'No run asked for more than the API server gives, so its budget is not known.',
      known,
    );
  }
  const half = measured ? measured.value / 2 : Number.POSITIVE_INFINITY;
  const fitted = sweep.steps.filter(({ load }) => load.nodes <= half);
  const model = buildModel(
    spec,
    fitted.map(({ load }) => load),
    sweep.saturated.load,
  );
  if (!model) {
    const count = `${fitted.length} of the runs are at up to half of the tipping size`;
    return inconclusive(
      'too-few-runs',
      `Nothing is predicted: ${count}, and 3 are needed whose cost grows. Set a smaller start.`,
      known,
    );
  }
  const findings = { ...known, ...told(spec, model), fittedRuns: fitted.map(({ run }) => run.name) };
  if (!measured) {
    const reason = `The prediction was not checked: up to ${bracket(sweep).kept ?? 0} nodes nothing broke. ${extrapolation(spec, model)}`;
    return inconclusive('not-measured', reason, findings);
  }
  return checked(spec, model, { ...findings, measuredTipping: measured });
}

/** A run that passed has no reason of its own for that. */
function whyLost({ name, verdict, reason }: StudyRun): { name: string; why: string } {
  return { name, why: verdict === 'inconclusive' ? reason : 'the load of its agents is not known' };
}

function checked(
  spec: ScaleSweepSpec,
  model: Model,
  findings: ScaleSweepFindings & { readonly measuredTipping: Measured },
): Finding {
  const { value, kept, broke } = findings.measuredTipping;
  const error = rounded(Math.abs(model.tipping.value - value) / value);
  const figures = `predicted at ${whole(model.tipping.value)} nodes from up to half of that, measured between ${kept} and ${broke}, error ${percent(error)}`;
  const isRight = error <= spec.tolerance;
  return {
    verdict: isRight ? 'pass' : 'fail',
    reasonCode: isRight ? 'pass' : 'prediction',
    reason: isRight
      ? `${extrapolation(spec, model)} The tipping size was ${figures}.`
      : `Small sizes do not tell what a large one does: the tipping size was ${figures} (at most ${percent(spec.tolerance)}).`,
    findings: { ...findings, error },
  };
}

/** Between the two sizes, in the middle of their logarithms; null without both. */
function measuredTipping(sweep: Sweep): Measured | null {
  const { kept, broke } = bracket(sweep);
  const found = sweep.steps.find(({ load }) => load.nodes === broke);
  if (kept === undefined || broke === undefined || !found) return null;
  return { value: rounded(Math.sqrt(kept * broke)), kept, broke, brokeBy: brokeBy(found.run, found.load) ?? '' };
}

function told(spec: ScaleSweepSpec, { cost, load, budgetCpuPerS, tipping, use }: Model): Partial<ScaleSweepFindings> {
  const { slope, intercept } = cost;
  return {
    budgetCpuPerS: rounded(budgetCpuPerS),
    costPerList: {
      fixedS: rounded(intercept.value),
      perObjectS: precise(around(slope.value, slope.plusMinus)),
    },
    exponent: precise(around(load.exponent.value, load.exponent.plusMinus)),
    predictedTipping: precise(tipping),
    shareAtStart: rounded(use(spec.start).value),
    timesAtTarget: precise(use(spec.to)),
  };
}

/** What somebody who has a small cluster wants to know of a large one. */
function extrapolation(spec: ScaleSweepSpec, { use }: Model): string {
  const { value, low, high } = use(spec.to);
  const target = `at ${grouped(spec.to)} nodes ${times(value)} times of it (${times(low)} to ${times(high)})`;
  return `At ${grouped(spec.start)} nodes this change uses ${percent(use(spec.start).value)} of the API budget; ${target}.`;
}

function around(value: number, plusMinus: number): Interval {
  return { value, low: value - plusMinus, high: value + plusMinus };
}

function precise({ value, low, high }: Interval): Interval {
  return { value: sixDigits(value), low: sixDigits(low), high: sixDigits(high) };
}

/** Costs per object are millionths of a second. */
function sixDigits(value: number): number {
  return Number(value.toPrecision(6));
}

function inconclusive(reasonCode: Finding['reasonCode'], reason: string, findings: ScaleSweepFindings): Finding {
  return { verdict: 'inconclusive', reasonCode, reason, findings };
}

function percent(part: number): string {
  return `${Number((part * 100).toPrecision(2))} %`;
}

function times(value: number): string {
  return String(Number(value.toPrecision(value < 10 ? 2 : 3)));
}

function whole(value: number): string {
  return grouped(Math.round(value));
}

function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+(?!\d))/g, ',');
}
