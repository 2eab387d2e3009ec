import type { RemedyRaceSpec } from '../../experiment/study.ts';
import { formatCount, formatTime } from '../../verdict/format.ts';
import { lostText } from '../lost-text.ts';
import type { FindingOf, StudyRun } from '../study-result.ts';
import type { RaceFindings, RemedyMeasures } from './findings.ts';
import { lostRuns, problemWith, usableRuns } from './usable.ts';

type Finding = FindingOf<RaceFindings>;

/** An order that fewer seeds show may be luck. */
const fewestSeeds = 3;

/** Says which remedy had everything well first. Whatever the control reaches by itself no remedy has shown. */
export function judgeRace(spec: RemedyRaceSpec, done: readonly StudyRun[]): Finding {
  const runs = usableRuns(done);
  const findings = findingsOf(runs, spec.control);
  const lost = lostRuns(done).map((run) => ({ name: run.name, why: problemWith(run) ?? '' }));
  if (lost.length > 0) return inconclusive('run-inconclusive', lostText(lost, done.length), findings);
  const control = runs.filter(({ remedy }) => remedy === spec.control);
  if (control.length < spec.seeds) {
    return inconclusive('too-few-runs', `The control (${spec.control}) was not tried for every seed.`, findings);
  }
  const others = runs.filter(({ remedy, outcome }) => remedy !== spec.control && outcome === 'tried');
  if (others.length === 0) return inconclusive('too-few-runs', 'No remedy was tried.', findings);
  const told = findings.order.map(({ remedies }) => remedies.slice(0, 2));
  if (told.every((one) => one.length === 0)) return nothingShown(control, findings);
  const [first = []] = told;
  if (told.some((one) => one.join() !== first.join())) {
    const orders = told.map((one) => (one.length === 0 ? 'none' : one.join(' before '))).join('; ');
    return inconclusive('order', `The order of the first two is not the same for every seed: ${orders}.`, findings);
  }
  const text = orderText(first, spec, runs, findings);
  if (told.length < fewestSeeds) {
    const few = `The order was seen with ${formatCount(told.length, 'seed')}; ${fewestSeeds} are needed.`;
    return inconclusive('too-few-seeds', `${few} ${text}`, findings);
  }
  return { verdict: 'pass', reasonCode: 'pass', reason: text, findings };
}

/** In no seed was a remedy faster than the control. */
function nothingShown(control: readonly RemedyMeasures[], findings: RaceFindings): Finding {
  const idle = soonest(control);
  if (Number.isFinite(idle)) {
    const text = `Without any remedy everything was well after ${formatTime(idle)}, as fast as with one: nothing was shown.`;
    return inconclusive('control-recovered', text, findings);
  }
  const text = `No remedy had everything well within ${formatTime(findings.horizonMs)}.`;
  return { verdict: 'fail', reasonCode: 'no-remedy', reason: text, findings };
}

function orderText(
  [winner = '', second]: readonly string[],
  { seeds, control }: RemedyRaceSpec,
  runs: readonly RemedyMeasures[],
  { order, noEffect, partly, cannot, horizonMs }: RaceFindings,
): string {
  const after = (name: string): string =>
    runs.flatMap(({ remedy, wellMs }) => (remedy === name && wellMs !== null ? [formatTime(wellMs)] : [])).join(', ');
  const idle = after(control);
  const isInOrder = (name: string): boolean => order.some(({ remedies }) => remedies.includes(name));
  const slower = runs.flatMap(({ remedy, wellMs }) => (wellMs !== null && !isInOrder(remedy) ? [remedy] : []));
  const next = second === undefined ? '' : `, then ${second} (${after(second)})`;
  const often = seeds < fewestSeeds ? '' : `, in ${seeds} of ${seeds} seeds`;
  return [
    `${winner} wins: everything is well after ${after(winner)}${next}${often}.`,
    idle === ''
      ? ` Without a remedy (${control}) it is not within ${formatTime(horizonMs)}.`
      : ` Without a remedy (${control}) everything is well after ${idle}.`,
    list(
      'No faster than that',
      [...new Set(slower)].filter((name) => name !== control),
    ),
    list(
      'No effect',
      noEffect.filter((name) => name !== control),
    ),
    list(
      'Only in part',
      partly.filter((name) => name !== control),
    ),
    list(
      'Not possible here',
      cannot.map(({ remedy }) => remedy),
    ),
  ].join('');
}

function list(word: string, names: readonly string[]): string {
  return names.length === 0 ? '' : ` ${word}: ${names.join(', ')}.`;
}

function findingsOf(runs: readonly RemedyMeasures[], control: string): RaceFindings {
  const tried = runs.filter(({ outcome }) => outcome === 'tried');
  const names = [...new Set(tried.map(({ remedy }) => remedy))];
  const ofRemedy = (name: string): readonly RemedyMeasures[] => tried.filter(({ remedy }) => remedy === name);
  const isWithoutEffect = (name: string): boolean => ofRemedy(name).every(hasNoEffect);
  const isWell = (name: string): boolean => ofRemedy(name).every(({ wellMs }) => wellMs !== null);
  const seeds = [...Map.groupBy(tried, ({ seed }) => seed)];
  const needs = new Map(runs.flatMap((run) => (run.outcome === 'cannot' ? [[run.remedy, run.message]] : [])));
  return {
    kind: 'remedy-race',
    order: seeds.map(([seed, ofSeed]) => ({ seed, remedies: orderOf(ofSeed, control) })),
    noEffect: names.filter(isWithoutEffect),
    partly: names.filter((name) => !isWithoutEffect(name) && !isWell(name)),
    cannot: [...needs].map(([remedy, message]) => ({ remedy, needs: message })),
    horizonMs: Math.max(0, ...tried.map(({ watchedMs }) => watchedMs ?? 0)),
  };
}

/** Of one seed, the fastest first. What was no faster than the control has shown nothing, and stands nowhere. */
function orderOf(runs: readonly RemedyMeasures[], control: string): readonly string[] {
  const idle = soonest(runs.filter(({ remedy }) => remedy === control));
  return runs
    .filter(({ remedy, wellMs }) => remedy !== control && wellMs !== null && wellMs < idle)
    .toSorted((a, b) => Number(a.wellMs) - Number(b.wellMs))
    .map(({ remedy }) => remedy);
}

/** A call that got through now and then is none: what lasts counts. */
export function hasNoEffect({ lastingMutationMs, removedMs, dataPlaneMs }: RemedyMeasures): boolean {
  return lastingMutationMs === null && removedMs === null && dataPlaneMs === null;
}

function soonest(runs: readonly RemedyMeasures[]): number {
  return Math.min(...runs.map(({ wellMs }) => wellMs ?? Number.POSITIVE_INFINITY));
}

function inconclusive(reasonCode: Finding['reasonCode'], reason: string, findings: RaceFindings): Finding {
  return { verdict: 'inconclusive', reasonCode, reason, findings };
}
