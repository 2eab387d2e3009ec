import { isDuration, toMs } from '../core/duration.ts';
import { checkFault } from './check-fault.ts';
import { checkAttempt } from './check-rung.ts';
import { badName, checkDuplicates, checkPositive, type CheckContext, type Problem } from './problem.ts';
import type { StepSpec, WhenSpec } from './spec.ts';

export function* checkMethod(method: readonly StepSpec[], context: CheckContext): Iterable<Problem> {
  if (!method.some((step) => step.kind === 'inject')) {
    yield { path: 'method', message: 'there is no inject step: nothing would be tested' };
  }
  if (!method.some((step) => step.kind === 'observe') && !context.triesRungs) {
    yield { path: 'method', message: 'there is no observe step: everything would be healed at once' };
  }
  const names = method.flatMap((step, index) =>
    step.kind === 'observe'
      ? []
      : [{ path: `method[${index}].name`, key: step.name, what: `a step named '${step.name}'` }],
  );
  yield* checkDuplicates(names);
  for (const [index, step] of method.entries()) yield* checkStep(`method[${index}]`, step, context);
}

function* checkStep(path: string, step: StepSpec, context: CheckContext): Iterable<Problem> {
  if (step.kind === 'observe') {
    yield* checkPositive(`${path}.time`, step.time.scaled, 'an observe step lasts longer than zero');
    return;
  }
  const bad = badName(step.name);
  if (bad !== undefined) yield { path: `${path}.name`, message: bad };
  if (step.kind === 'operate') {
    yield* checkPositive(`${path}.timeout`, step.timeout, 'a command takes some time');
    if (step.kubectl.length === 0) yield { path: `${path}.kubectl`, message: 'there is no command' };
    return;
  }
  if (step.kind === 'attempt') {
    yield* checkAttempt(path, step, context);
    return;
  }
  if (step.fault.kind === 'telemetry-rollout' && !context.hasTelemetry) {
    yield { path: `${path}.fault`, message: 'there is no agent to roll out: cluster.telemetry is missing' };
  }
  if (step.when !== null) yield* checkWhen(`${path}.when`, step.when, context);
  yield* checkFault(`${path}.fault`, step.fault);
}

function* checkWhen(path: string, when: WhenSpec, context: CheckContext): Iterable<Problem> {
  const wrong = context.unknownLane(when.lane) ?? context.notACache(when.lane);
  if (wrong !== undefined) {
    yield { path: `${path}.lane`, message: wrong };
    return;
  }
  const holdMs = context.holdMs(when.lane);
  if (holdMs === undefined || !isDuration(when.offset)) return;
  const sinceRefreshMs = toMs(when.offset) + (when.from === 'expiry' ? holdMs : 0);
  if (sinceRefreshMs < 0) {
    const hold = `lane '${when.lane}' holds for ${holdMs / 1_000} s`;
    const message = `${when.offset} from ${when.from} lies before the refresh itself: ${hold}`;
    yield { path: `${path}.offset`, message };
  }
}
