import { formatIncident, formatShare, formatTime } from '../verdict/format.ts';
import type { Result } from '../verdict/result.ts';
import { clock } from './clock.ts';
import { table, wrap } from './table.ts';

/** The run's phases; both times where time was scaled. */
export function phaseLines({ phases }: Result): string[] {
  const rows = phases.map(({ phase, startMs, durationMs, durationIncidentMs, outcome, message }) => [
    phase,
    clock(startMs),
    formatTime(durationMs),
    durationIncidentMs === null ? '' : formatIncident(durationIncidentMs),
    outcome,
    message ?? '',
  ]);
  return table('lrrrll', ['phase', 'start', 'took', 'incident time', 'outcome', ''], rows);
}

/** The figures that belong to no lane. */
export function measureLines({ measures, budgets }: Result): string[] {
  const { controlPlaneLostMs, maskingWindowMs, maskingWindowIncidentMs, timeToRecoverMs, timeErrorMs } = measures;
  const recovery = budgets.find((budget) => budget.budget === 'time-to-recover');
  const lost = controlPlaneLostMs === null ? 'not seen' : clock(controlPlaneLostMs);
  const masking =
    maskingWindowMs === null || maskingWindowIncidentMs === null
      ? 'none seen'
      : `${formatTime(maskingWindowMs)} (incident time ${formatIncident(maskingWindowIncidentMs)})`;
  const recovered = timeToRecoverMs === null ? 'not seen' : formatTime(timeToRecoverMs);
  const of = recovery ? ` on ${recovery.lane}, wall time from the API being back` : '';
  const outages = measures.apiOutages.map(
    ({ startMs, durationMs, open }) => `${clock(startMs)} for ${formatTime(durationMs)}${open ? ' (to the end)' : ''}`,
  );
  return [
    ...wrap(`Control plane lost: ${lost}`),
    ...wrap(`Masking window: ${masking}`),
    ...wrap(`Time to recover: ${recovered}${of}`),
    ...wrap(`API outages: ${outages.length === 0 ? 'none' : outages.join(', ')}`),
    ...(timeErrorMs === null ? [] : wrap(`Times are right to within ${formatTime(timeErrorMs)}`)),
  ];
}

/** Whether the probers measured the cluster or themselves. */
export function proberLines({ probers, measures }: Result): string[] {
  const rows = Object.entries(probers).map(([node, prober]) => [
    node,
    prober.verdict,
    prober.lagP99Ms === null ? '–' : formatTime(prober.lagP99Ms),
    prober.lagMaxMs === null ? '–' : formatTime(prober.lagMaxMs),
    String(prober.loopbackFailures),
    prober.clockErrorMs === null ? '–' : formatTime(prober.clockErrorMs),
  ]);
  const lines = table('llrrrr', ['node', 'prober', 'lag p99', 'lag max', 'loopback failed', 'clock error'], rows);
  const { machine } = measures;
  if (machine === null) return lines;
  const { busy, stolen, stolenMax } = machine;
  const taken = `${formatShare(stolen)} taken by other machines on the same hardware (up to ${formatShare(stolenMax)} within a second)`;
  return [...lines, ...wrap(`The machine: CPU ${formatShare(busy)} busy, ${taken}`)];
}

/** How the wall time divides. */
export function overheadLines({ measures, durationMs }: Result): string[] {
  const { cluster, chaosMesh, workloads, planned, own } = measures.overheadMs;
  const parts = [
    `cluster ${formatTime(cluster)}`,
    `Chaos Mesh ${formatTime(chaosMesh)}`,
    `workloads ${formatTime(workloads)}`,
    `planned phases ${formatTime(planned)}`,
    `own ${formatTime(own)}`,
  ];
  return wrap(`${formatTime(durationMs)}: ${parts.join(', ')}`);
}
