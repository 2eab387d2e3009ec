import { toMs } from '../core/duration.ts';
import { checkAgent } from './check-telemetry.ts';
import { badName, checkDuplicates, checkPositive, type CheckContext, type Problem } from './problem.ts';
import type { AttemptStepSpec, RemedyWay, RungPromise, RungSpec } from './rung-spec.ts';

/** A rung that only calls the API changes nothing about the agents. */
const promisable: Readonly<Record<RungSpec['way'], readonly RungPromise[]>> = {
  call: ['read', 'write'],
  'second-api-server': ['read', 'write'],
  'restart-api-server': ['read', 'write', 'relieve'],
  'take-rights': ['read', 'write', 'relieve'],
  'block-agents': ['read', 'write', 'relieve'],
  'stop-agents': ['read', 'write', 'relieve', 'remove'],
  'fewer-nodes': ['read', 'write', 'relieve'],
  'flow-schema': ['read', 'write', 'relieve'],
  'raise-limits': ['read', 'write', 'relieve'],
  remedies: ['read', 'write', 'relieve', 'remove'],
  command: ['read', 'write', 'relieve', 'remove'],
};

/** The load, a suffix and a dash follow the name in that of the attempt. */
const longestName = 28;
/** A rung that takes longer is no way in for somebody who is locked out. */
const longestMs = 10 * 60_000;

export function* checkRungs(path: string, rungs: readonly RungSpec[]): Iterable<Problem> {
  yield* checkDuplicates(
    rungs.map(({ name }, index) => ({ path: `${path}[${index}].name`, key: name, what: `a rung named '${name}'` })),
  );
  for (const [index, rung] of rungs.entries()) {
    yield* checkRung(`${path}[${index}]`, rung);
    if (rung.promises.length === 0 && !isControl(rung)) yield unpromised(`${path}[${index}]`);
  }
  if (rungs.every(isControl)) yield { path, message: 'no rung promises anything, so nothing would be proven' };
}

/** The normal path: it promises nothing, and must fail. */
function isControl(rung: RungSpec): boolean {
  return rung.promises.length === 0 && rung.way === 'call' && rung.credential === 'admin';
}

function unpromised(path: string): Problem {
  const message =
    "it promises nothing, so nothing can be proven; only a 'call' as admin may, the control that must fail";
  return { path: `${path}.promises`, message };
}

export function* checkAttempt(path: string, step: AttemptStepSpec, context: CheckContext): Iterable<Problem> {
  if (!context.hasTelemetry) yield { path, message: 'there is no load to try it under: cluster.telemetry is missing' };
  if (!context.hasAdminPatch) {
    yield {
      path,
      message: "nothing tells whether the normal path is down: a lane operator('admin', 'patch') is missing",
    };
  }
  yield* checkRung(`${path}.rung`, step.rung);
  // What comes of remedies is measured, whatever they promise.
  if (step.rung.promises.length === 0 && step.rung.way !== 'remedies' && !isControl(step.rung)) {
    yield unpromised(`${path}.rung`);
  }
  yield* checkAgent(`${path}.load`, step.load);
  yield* checkPositive(`${path}.quiet`, step.quiet, 'that no request comes is seen after some time');
}

function* checkRung(path: string, rung: RungSpec): Iterable<Problem> {
  const { name, way, promises, within } = rung;
  const bad =
    badName(name) ?? (name.length > longestName ? `'${name}' has more than ${longestName} letters` : undefined);
  if (bad !== undefined) yield { path: `${path}.name`, message: bad };
  yield* checkPositive(`${path}.within`, within, 'nothing is done in no time');
  if (toMs(within) > longestMs) yield { path: `${path}.within`, message: `${within} is too long: at most 10m` };
  if (rung.way === 'call' && rung.kubeconfig !== null && rung.via === 'loopback') {
    yield {
      path: `${path}.via`,
      message: "a kubeconfig of your own is used from outside the cluster: 'loopback' cannot be had with it",
    };
  }
  if (rung.way === 'remedies' && rung.operator === 'second' && !rung.ways.includes('second-api-server')) {
    yield {
      path: `${path}.operator`,
      message: "there is no second API server: 'second-api-server' is not among the ways",
    };
  }
  if (rung.way === 'remedies') yield* checkTogether(`${path}.ways`, rung.ways);
  for (const [index, promise] of promises.entries()) {
    if (promisable[way].includes(promise)) continue;
    const can = promisable[way].join(', ');
    yield { path: `${path}.promises[${index}]`, message: `'${way}' cannot promise to ${promise}; it can: ${can}` };
  }
}

/** Ways that are taken at the same time must not be in each other's way. */
function* checkTogether(path: string, ways: readonly RemedyWay[]): Iterable<Problem> {
  yield* checkDuplicates(ways.map((way, index) => ({ path: `${path}[${index}]`, key: way, what: `'${way}'` })));
  if (ways.includes('raise-limits') && ways.includes('restart-api-server')) {
    const message = "'raise-limits' and 'restart-api-server' both take the manifest of kube-apiserver: only one can";
    yield { path, message };
  }
}
