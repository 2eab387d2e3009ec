import type { Evidence } from './evidence.ts';
import { formatShare, roundShare } from './format.ts';
import type { Result } from './result.ts';

/** From this share on, somebody else's machine explains a starved prober. */
const muchStolen = 0.1;

/** What the machine under cluster and harness did in the judged window; null where it was not told. */
export function machineLoad({ events, window }: Evidence): Result['measures']['machine'] {
  const told = events
    .filter((event) => event.type === 'machine-load')
    .filter(({ monotonicMs }) => monotonicMs >= window.fromMs && monotonicMs <= window.toMs);
  if (told.length === 0) return null;
  return {
    busy: roundShare(mean(told.map(({ busy }) => busy))) ?? 0,
    stolen: roundShare(mean(told.map(({ stolen }) => stolen))) ?? 0,
    stolenMax: Math.max(...told.map(({ stolen }) => stolen)),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}

/** Says that the hypervisor is to blame; empty when it is not. */
export function stolenText(evidence: Evidence): string {
  const load = machineLoad(evidence);
  if (load === null || load.stolenMax < muchStolen) return '';
  return ` Other machines on the same hardware took ${formatShare(load.stolen)} of the CPU, up to ${formatShare(load.stolenMax)} within a second.`;
}
