import type { LaneConfig, StartRequest } from './wire.ts';

const kinds: readonly string[] = ['resolve', 'https', 'loopback'] satisfies LaneConfig['kind'][];

/** Reads the body of POST /start. Throws a TypeError that says what is wrong with it. */
export function parseStart(body: string): StartRequest {
  const request = JSON.parse(body) as Partial<StartRequest> | null;
  if (typeof request?.startAtMs !== 'number' || !Array.isArray(request.lanes)) {
    throw new TypeError('Expected {startAtMs, lanes: […]}');
  }
  const lanes = request.lanes as readonly LaneConfig[];
  for (const lane of lanes) {
    if (!kinds.includes(lane.kind)) throw new TypeError(`Lane ${lane.name}: unknown kind '${lane.kind}'`);
    if (!(lane.rateHz > 0)) throw new TypeError(`Lane ${lane.name}: rateHz must be above 0`);
    if (!(lane.deadlineMs > 0)) throw new TypeError(`Lane ${lane.name}: deadlineMs must be above 0`);
  }
  return { startAtMs: request.startAtMs, lanes };
}
