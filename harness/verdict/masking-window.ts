import type { Evidence } from './evidence.ts';
import { dueBetween } from './series.ts';

/**
 * How long the data plane hid that the control plane was gone: to the first failure of the control lane, if that is a
 * DNS lane, otherwise of the subject. Wall milliseconds; null when the control plane was never lost or nothing failed.
 */
export function maskingWindowMs({ plan, loss, window, series }: Evidence): number | null {
  const { atMs } = loss;
  if (atMs === null) return null;
  const control = plan.lanes.find((lane) => lane.role === 'control');
  const isDns = control?.probe.kind === 'core-dns' || control?.probe.kind === 'node-dns-cache';
  const lane = isDns ? control : plan.lanes.find((one) => one.role === 'subject');
  const firstMs = (lane ? series(lane.name) : []).flatMap(
    (one) => dueBetween(one.samples, atMs, window.toMs).find((sample) => !sample.ok)?.startMs ?? [],
  );
  return firstMs.length > 0 ? Math.min(...firstMs) - atMs : null;
}
