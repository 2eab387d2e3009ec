import type { LaneConfig, StartRequest } from './wire.ts';

const kinds: readonly string[] = ['resolve', 'https', 'api-call', 'loopback'] satisfies LaneConfig['kind'][];

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
    if (lane.kind === 'api-call') checkApiCall(lane);
  }
  return { startAtMs: request.startAtMs, lanes };
}

function checkApiCall({ name, url, method, tls }: LaneConfig & { kind: 'api-call' }): void {
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:') {
    throw new TypeError(`Lane ${name}: url must be an https address`);
  }
  if (!['GET', 'PATCH'].includes(method)) throw new TypeError(`Lane ${name}: method must be GET or PATCH`);
  if (typeof (tls as Partial<typeof tls> | undefined)?.ca !== 'string') {
    throw new TypeError(`Lane ${name}: tls.ca must be a PEM text`);
  }
}
