import { formatMs, scaledToMs, type ScaledDuration } from '../core/duration.ts';
import { badName, type CheckLimits, type Problem } from './problem.ts';
import type { ExperimentDefinition, LaneRole } from './spec.ts';

/** A DNS TTL is a whole number of seconds, and below this the caches' own second of slack decides the result. */
const minHoldMs = 5_000;
/** More than a few people type; a lane is no load. */
const maxRateHz = 20;

/** `needed`: the roles that the run is judged by. */
export function* checkLanes(
  lanes: ExperimentDefinition['lanes'],
  { timeScale, maxCaches }: CheckLimits,
  needed: readonly LaneRole[] = ['subject', 'control'],
): Iterable<Problem> {
  const entries = Object.entries(lanes);
  for (const [name, lane] of entries) {
    const bad = badName(name);
    if (bad !== undefined) yield { path: `lanes.${name}`, message: bad };
    if (name === 'loopback' || (name === 'api' && lane.kind !== 'api-server')) {
      yield { path: `lanes.${name}`, message: `the name '${name}' is taken by a lane that every run has` };
    }
    if (lane.kind === 'node-dns-cache') yield* checkHold(`lanes.${name}.hold`, lane.hold, timeScale);
    if (lane.kind === 'operator' && lane.rateHz !== undefined && !(lane.rateHz > 0 && lane.rateHz <= maxRateHz)) {
      yield { path: `lanes.${name}.rateHz`, message: `${lane.rateHz} is impossible: above 0, at most ${maxRateHz}` };
    }
  }
  for (const role of needed) {
    if (!Object.hasOwn(lanes, role)) {
      const why = role === 'subject' ? 'nothing would be judged' : 'a run without one can prove nothing';
      yield { path: 'lanes', message: `there is no lane '${role}': ${why}` };
    }
  }
  if (entries.filter(([, lane]) => lane.kind === 'api-server').length > 1) {
    yield { path: 'lanes', message: 'more than one lane asks the API server; one is enough' };
  }
  if (entries.filter(([, lane]) => lane.kind === 'node-dns-cache').length > maxCaches) {
    yield { path: 'lanes', message: `at most ${maxCaches} lanes can be node DNS caches` };
  }
}

function* checkHold(path: string, hold: ScaledDuration, timeScale: number): Iterable<Problem> {
  const holdMs = scaledToMs(hold, timeScale);
  const seconds = `${Number((holdMs / 1_000).toFixed(3))} s`;
  const what = `hold ${hold.scaled} at time scale ${timeScale} is ${seconds}`;
  if (holdMs < minHoldMs) {
    yield { path, message: `${what}; at least 5 s (${formatMs(minHoldMs * timeScale)}, or a smaller time scale)` };
  } else if (holdMs % 1_000 !== 0) {
    yield { path, message: `${what}; it must be a whole number of seconds, as every DNS TTL` };
  }
}
