import type { RunEvent } from '../core/events.ts';
import type { PlannedAttempt } from '../plan/planned-attempt.ts';
import type { Evidence } from './evidence.ts';
import { roundMsOrNull } from './format.ts';
import type { RungResult } from './result.ts';
import { isControlCall, judgeControl } from './rung-control.ts';
import { judgePromise } from './rung-promise.ts';

type Of<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>;

/** What the log holds of one attempt. */
export interface AttemptLog {
  readonly step: PlannedAttempt;
  readonly started: Of<'rung-started'> | undefined;
  readonly load: Of<'rung-load'> | undefined;
  readonly control: Of<'rung-control'> | undefined;
  readonly calls: readonly Of<'rung-call'>[];
  readonly quiet: Of<'rung-quiet'> | undefined;
  readonly ended: Of<'rung-ended'> | undefined;
  /** When the next attempt began, or everything was healed: what came later says nothing about this one. */
  readonly overMs: number;
}

/** Every attempt of the plan, in order, judged from events and samples alone. */
export function judgeRungs(evidence: Evidence): readonly RungResult[] {
  return evidence.plan.method
    .filter((step) => step.kind === 'attempt')
    .map((step) => judgeAttempt(logOf(step, evidence), evidence));
}

export function logOf(step: PlannedAttempt, { events, moments }: Evidence): AttemptLog {
  const own = events.filter((event) => 'attempt' in event && event.attempt === step.name);
  const find = <Type extends RunEvent['type']>(type: Type): Of<Type> | undefined =>
    own.find((event): event is Of<Type> => event.type === type);
  const started = find('rung-started');
  const next = events.find((event) => event.type === 'rung-started' && event.seq > (started?.seq ?? Infinity));
  return {
    step,
    started,
    load: find('rung-load'),
    control: find('rung-control'),
    calls: own.filter((event) => event.type === 'rung-call'),
    quiet: find('rung-quiet'),
    ended: find('rung-ended'),
    overMs: next?.monotonicMs ?? moments.healStartMs ?? moments.endMs,
  };
}

function judgeAttempt(log: AttemptLog, evidence: Evidence): RungResult {
  const { step, started, load, ended, calls } = log;
  const { rung, level, name } = step;
  const control = judgeControl(log, evidence);
  const wasTried = ended?.outcome === 'tried';
  const promises = rung.promises.map((promise) => judgePromise(promise, log, evidence));
  const loadText = load === undefined ? null : load.after.map(({ node, ok, refused }) => ({ node, ok, refused }));
  return {
    attempt: name,
    rung: rung.name,
    level,
    agents: step.load.nodes,
    way: rung.way.way,
    dependsOn: rung.dependsOn,
    optional: rung.optional,
    outcome: ended?.outcome ?? 'not-reached',
    credential: started?.credential ?? null,
    load: loadText,
    control,
    quietMs: step.quietMs,
    startedMs: roundMsOrNull(ended?.fromMs ?? null),
    calls: calls.map(({ call, through, status, durationMs, tries, priorityLevel, message }) => ({
      call,
      through,
      status,
      durationMs,
      tries,
      priorityLevel,
      message,
    })),
    promises,
    acts: evidence.events.flatMap((event) =>
      event.type === 'rung-act' && event.attempt === name
        ? [{ act: event.act, durationMs: event.durationMs, ok: event.ok, message: event.message }]
        : [],
    ),
    verdict: wasTried && provesSomething(step) ? verdictOf(control.outcome, promises) : 'inconclusive',
    message: ended?.message ?? 'the run ended before it was tried',
  };
}

/** Without a promise only the control can fail, and only of remedies it is measured what comes of them. */
function provesSomething(step: PlannedAttempt): boolean {
  return step.rung.promises.length > 0 || step.rung.way.way === 'remedies' || isControlCall(step);
}

/** Nothing is proven by a rung while the normal path was open: it would have got through as well. */
function verdictOf(control: RungResult['control']['outcome'], promises: RungResult['promises']): RungResult['verdict'] {
  if (control !== 'locked-out') return 'inconclusive';
  if (promises.some(({ outcome }) => outcome === 'broken')) return 'fail';
  return promises.every(({ outcome }) => outcome === 'kept') ? 'pass' : 'inconclusive';
}
