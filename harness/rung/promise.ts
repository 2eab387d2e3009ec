import type { ApiAnswer } from '../cluster/api-connection.ts';
import { messageOf } from '../core/errors.ts';
import { watchFor } from '../fault/confirm/watch.ts';
import { operatorNode } from '../plan/plan.ts';
import { operatorProbePath } from '../probe/operator-lanes.ts';
import type { RungContext, Scope } from './context.ts';
import type { Door } from './door.ts';
import { levelName } from './priority-level.ts';
import { agentsGone, watchQuiet } from './quiet.ts';

/** As long as people wait for an answer. */
const callMs = 10_000;
const retryMs = 500;
/** The judge asks for so many successes in a row, as many as it takes failures for a lock-out. */
const inARow = 5;
const annotation = 'blackstart.dev/rung';

/** Measures what the rung promises, all of it at the same time; a rung that promises nothing has its calls tried once. */
export async function measurePromises(door: Door, scope: Scope, context: RungContext): Promise<void> {
  const { step } = scope;
  const { promises, way } = step.rung;
  const isControl = promises.length === 0 && way.way === 'call';
  await Promise.all([
    ...(['read', 'write'] as const)
      .filter((call) => isControl || promises.includes(call))
      .map(async (call) => await callUntilOver(call, door, scope, context)),
    ...(promises.includes('relieve') ? [waitForRelief(scope, context)] : []),
    ...(promises.includes('remove') ? [watchRemoval(scope, context)] : []),
  ]);
}

/** Pods take seconds to end when they are deleted. Who is still there when the time is over is seen in the quiet time. */
async function watchRemoval({ step, fromMs }: Scope, context: RungContext): Promise<void> {
  await agentsGone(fromMs + step.rung.withinMs, context);
  await watchQuiet(step, context);
}

interface Try {
  readonly startMs: number;
  readonly durationMs: number;
  readonly answer: ApiAnswer | undefined;
  readonly readBack: boolean | null;
  readonly message: string;
}

/** Tries until five in a row succeed: one may be luck, right after a restart or when the agents start. */
async function callUntilOver(call: 'read' | 'write', door: Door, scope: Scope, context: RungContext): Promise<void> {
  const { step, fromMs } = scope;
  const { nowMs, clock, signal, emit } = context;
  const overMs = fromMs + step.rung.withinMs;
  const isOnce = step.rung.promises.length === 0;
  let told: Try & { readonly tries: number };
  let problem: Try | undefined;
  let row: (typeof told)[] = [];
  for (let tries = 1; ; tries++) {
    // A timer of the platform takes whole milliseconds only.
    const deadlineMs = isOnce ? callMs : Math.ceil(Math.min(callMs, Math.max(retryMs, overMs - nowMs())));
    // Reading back once in a row is enough, and takes a way that may be slow.
    const what = { call, text: `${step.name} ${tries}`, isReadBack: call === 'write' && row.length === 0 };
    told = { ...(await tryCall(what, door, deadlineMs, context)), tries };
    row = succeeded(told) ? [...row, told] : [];
    if (row.length === 0) problem ??= told;
    if (isOnce || row.length >= inARow || nowMs() + retryMs >= overMs) break;
    await clock.sleep(retryMs, signal);
  }
  if (row.length >= inARow) told = row[0] ?? told;
  const mended = told.message === '' && problem !== told ? problem : undefined;
  emit({
    type: 'rung-call',
    attempt: step.name,
    call,
    through: door.describe,
    startMs: Math.round(told.startMs),
    durationMs: Math.round(told.durationMs),
    tries: told.tries,
    inARow: row.length,
    status: told.answer?.status ?? null,
    priorityLevel: await levelName(told.answer?.priorityLevelUid ?? null, context),
    readBack: told.readBack,
    readBackThrough: call === 'write' ? door.other.describe : null,
    message: mended ? `at first: ${problemOf(mended)}` : told.message,
  });
}

function problemOf({ answer, message }: Try): string {
  return message === '' && answer ? `status ${answer.status}` : message;
}

function succeeded({ answer, readBack }: Try): boolean {
  return answer !== undefined && isSuccess(answer) && readBack !== false;
}

function isSuccess({ status }: ApiAnswer): boolean {
  return status >= 200 && status < 300;
}

async function tryCall(
  { call, text, isReadBack }: { readonly call: 'read' | 'write'; readonly text: string; readonly isReadBack: boolean },
  door: Door,
  deadlineMs: number,
  { nowMs }: RungContext,
): Promise<Try> {
  const startMs = nowMs();
  const written = `${text} at ${Math.round(startMs)}`;
  try {
    const answer = await door.call(
      call === 'read'
        ? { method: 'GET', path: operatorProbePath }
        : {
            method: 'PATCH',
            path: operatorProbePath,
            contentType: 'application/merge-patch+json',
            body: { metadata: { annotations: { [annotation]: written } } },
          },
      deadlineMs,
    );
    const durationMs = nowMs() - startMs;
    if (!isSuccess(answer)) return { startMs, durationMs, answer, readBack: null, message: reasonIn(answer.body) };
    if (!isReadBack) return { startMs, durationMs, answer, readBack: null, message: '' };
    const problem = await problemWithReadBack(door, written);
    return { startMs, durationMs, answer, readBack: problem === undefined, message: problem ?? '' };
  } catch (problem) {
    const durationMs = nowMs() - startMs;
    // Where it went is told beside it.
    const message = messageOf(problem).replace(/^[A-Z]+ https:\S+: /, '');
    return { startMs, durationMs, answer: undefined, readBack: null, message };
  }
}

/** Undefined when what was written is read through the other door. */
async function problemWithReadBack({ other }: Door, written: string): Promise<string | undefined> {
  try {
    const answer = await other.call({ method: 'GET', path: operatorProbePath }, callMs);
    const object = JSON.parse(answer.body) as { metadata?: { annotations?: Readonly<Record<string, string>> } };
    const found = object.metadata?.annotations?.[annotation];
    return found === written ? undefined : `${other.describe} reads '${found ?? 'nothing'}', not what was written`;
  } catch (problem) {
    return `it could not be read back: ${messageOf(problem)}`;
  }
}

/** The message of a Kubernetes Status. */
function reasonIn(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    return typeof message === 'string' ? message : '';
  } catch {
    return body.slice(0, 200);
  }
}

/**
 * Waits until the normal admin gets through again, or could not have any more. It only watches: the judge takes the
 * moment from the samples, which come as late as the calls before them take to fail.
 */
async function waitForRelief({ step, fromMs }: Scope, context: RungContext): Promise<void> {
  const { observations, nowMs } = context;
  const isRelieved = (): true | undefined => {
    let row = 0;
    for (const { ok } of observations.samplesSince(step.lane, operatorNode, fromMs)) {
      row = ok ? row + 1 : 0;
      if (row >= inARow) return true;
    }
    return undefined;
  };
  const timeoutMs = fromMs + step.rung.withinMs + inARow * 1_000 + callMs + 2_000 - nowMs();
  await watchFor(isRelieved, context, { intervalMs: 250, timeoutMs: Math.max(0, timeoutMs) });
}
