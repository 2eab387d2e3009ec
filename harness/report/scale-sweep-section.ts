import type { ScaleSweepFindings } from '../study/scale-sweep/findings.ts';
import type { StudyRun } from '../study/study-result.ts';
import { formatTime } from '../verdict/format.ts';
import { table, wrap } from './table.ts';

type Range = { readonly value: number; readonly low: number; readonly high: number };

/** The load of every run, and what was made of it. */
export function scaleSweepLines(findings: ScaleSweepFindings, runs: readonly StudyRun[]): string[] {
  const measured = measuredLines(findings);
  return ['', 'Load', ...loadLines(runs), ...(measured.length === 0 ? [] : ['', 'Measured and fitted', ...measured])];
}

function loadLines(runs: readonly StudyRun[]): string[] {
  const rows = runs.flatMap(({ load }) => {
    if (load === null) return [];
    const { nodes, agents, objects, askedPerS, answeredPerS, cpuPerListS, cpuPerS, refused, unanswered, getP99Ms } =
      load;
    return [
      [
        String(nodes),
        String(agents),
        String(objects),
        askedPerS.toFixed(1),
        answeredPerS.toFixed(1),
        cpuPerListS === null ? '–' : formatTime(cpuPerListS * 1_000),
        cpuPerS === null ? '–' : cpuPerS.toFixed(2),
        percent(refused),
        percent(unanswered),
        getP99Ms === null ? '–' : formatTime(getP99Ms),
      ],
    ];
  });
  const head = ['nodes', 'agents', 'pods', 'LIST/s', 'got', 'CPU/LIST', 'CPU', 'refused', 'missed', 'GET p99'];
  return table('rrrrrrrrrr', head, rows);
}

function measuredLines(findings: ScaleSweepFindings): string[] {
  const { costPerList, exponent, budgetCpuPerS, predictedTipping, measuredTipping, error, fittedRuns, timesAtTarget } =
    findings;
  const lines: string[] = [];
  if (budgetCpuPerS !== null)
    lines.push(`The API server gives LISTs ${budgetCpuPerS.toFixed(2)} CPU seconds a second.`);
  if (costPerList) {
    const { value, low, high } = costPerList.perObjectS;
    const [each, least, most] = [value, low, high].map((one) => (one * 1e6).toFixed(1));
    lines.push(
      `A LIST costs ${formatTime(costPerList.fixedS * 1_000)} of CPU and ${each} µs for each pod (${least} to ${most}).`,
    );
  }
  if (exponent) lines.push(`The total load grows with the number of nodes to the power of ${range(exponent, 2)}.`);
  if (predictedTipping)
    lines.push(`Predicted tipping size: ${range(predictedTipping, 0)} nodes, from ${fittedRuns.join(', ')}.`);
  if (measuredTipping) {
    const { value, kept, broke, brokeBy } = measuredTipping;
    lines.push(`Measured tipping size: ${value.toFixed(0)} nodes. ${kept} were kept; at ${broke}: ${brokeBy}.`);
  }
  if (error !== null) lines.push(`Error of the prediction: ${percent(error)}.`);
  if (timesAtTarget)
    lines.push('Intervals are 95 %, of the fit alone: how far a fit may be stretched they do not say.');
  return lines.flatMap((line) => wrap(line));
}

function range({ value, low, high }: Range, decimals: number): string {
  return `${value.toFixed(decimals)} (${low.toFixed(decimals)} to ${high.toFixed(decimals)})`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
