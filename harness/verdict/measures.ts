import type { RunEvent } from '../core/events.ts';
import { apiLane, type Evidence } from './evidence.ts';
import { roundMs, roundMsOrNull } from './format.ts';
import { machineLoad } from './machine.ts';
import { maskingWindowMs } from './masking-window.ts';
import { operatorMeasures } from './operator.ts';
import { outages } from './outage.ts';
import { overhead } from './overhead.ts';
import { recovery } from './recovery.ts';
import type { Result } from './result.ts';

/** The figures of a run that belong to no single lane. */
export function measures(evidence: Evidence): Result['measures'] {
  const { plan, events, loss, moments } = evidence;
  const maskingMs = maskingWindowMs(evidence);
  return {
    controlPlaneLostMs: roundMsOrNull(loss.atMs),
    maskingWindowMs: roundMsOrNull(maskingMs),
    maskingWindowIncidentMs: maskingMs === null ? null : roundMs(maskingMs * plan.timeScale),
    timeToRecoverMs: roundMsOrNull(recovery(evidence).timeToRecoverMs),
    apiOutages: apiOutages(evidence),
    ...operatorMeasures(evidence),
    machine: machineLoad(evidence),
    timeErrorMs: roundMsOrNull(timeErrorMs(evidence)),
    overheadMs: overhead(events, moments.lastEventMs),
  };
}

/** The API's outages after the first fault, as the node with the longest view of each saw them. */
function apiOutages({ plan, series, moments }: Evidence): Result['measures']['apiOutages'] {
  const api = apiLane(plan);
  const fromMs = moments.firstFaultMs;
  if (!api || fromMs === null) return [];
  const found = series(api.name)
    .flatMap((one) => outages(one, fromMs, moments.endMs))
    .toSorted((a, b) => a.startMs - b.startMs);
  const merged: { startMs: number; endMs: number; open: boolean }[] = [];
  for (const { startMs, endMs, open } of found) {
    const last = merged.at(-1);
    if (last && startMs <= last.endMs) {
      last.open = endMs > last.endMs ? open : last.open;
      last.endMs = Math.max(last.endMs, endMs);
    } else merged.push({ startMs, endMs, open });
  }
  return merged.map(({ startMs, endMs, open }) => ({
    startMs: roundMs(startMs),
    durationMs: roundMs(endMs - startMs),
    open,
  }));
}

/** Clock offset error of the worst node, and the longest sampling interval of a lane that times are taken from. */
function timeErrorMs({ plan, offsets }: Evidence): number | null {
  const errors = [...offsets.values()].map((offset) => offset.errorMs);
  if (errors.length === 0) return null;
  const intervals = plan.lanes.filter((lane) => lane.probe.kind !== 'loopback').map((lane) => 1_000 / lane.rateHz);
  return Math.max(...errors) + Math.max(0, ...intervals);
}

/** What a run was: the same in every report of it. */
export function identity({
  plan,
  events,
  moments,
}: Pick<Evidence, 'plan' | 'events' | 'moments'>): Pick<
  Result,
  'experiment' | 'backend' | 'seed' | 'timeScale' | 'startedAt' | 'durationMs' | 'parameters' | 'sabotage' | 'versions'
> {
  const started = events.find(
    (event): event is Extract<RunEvent, { type: 'run-started' }> => event.type === 'run-started',
  );
  const ready = events.findLast((event) => event.type === 'cluster-ready');
  return {
    experiment: plan.experiment,
    backend: plan.backend,
    seed: plan.seed,
    timeScale: plan.timeScale,
    startedAt: started?.startedAt ?? '',
    durationMs: roundMs(moments.lastEventMs),
    parameters: plan.parameters,
    sabotage: plan.method.flatMap((step) => (step.kind === 'inject' && step.sabotaged ? [step.name] : [])),
    versions: sorted(ready?.versions ?? {}),
  };
}

function sorted(record: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
