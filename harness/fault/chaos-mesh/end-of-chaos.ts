import type { KubeObject } from '../../cluster/client.ts';
import { BlackstartError, messageOf } from '../../core/errors.ts';
import { watchFor } from '../confirm/watch.ts';
import type { FaultContext } from '../fault.ts';
import { podChaosRef } from './manifest.ts';
import { readStatus, type ChaosStatus } from './status.ts';

/** How long a PodChaos may take to go, with its finalizer; after an API restart the controller first needs its lease. */
const goneMs = 90_000;
const readyMs = 90_000;
/** Deletes without an answer at the same time: more than the answers of one API call's deadline at 200 ms each. */
const maxUnderWay = 12;

export interface EndOfChaos {
  /** What Chaos Mesh said while the object was still there; undefined when it could not be read. */
  readonly status: ChaosStatus | undefined;
  /** Why it is not over; empty when it is. */
  readonly problem: string;
}

/**
 * Deletes a PodChaos through an API that may be away, and waits until it is not found: only then can its controller
 * inject no more. A delete is sent every 200 ms, also while earlier ones have no answer: an API server that is starting
 * lets a request hang for seconds. `whenAccepted` is done when a delete was accepted, again until it works.
 */
export async function deleteUntilGone(
  name: string,
  context: FaultContext,
  whenAccepted: () => Promise<void> = async () => {},
): Promise<EndOfChaos> {
  const { api } = context.cluster;
  const ref = podChaosRef(name);
  let status: ChaosStatus | undefined;
  let isTold = false;
  const send = impatient(async () => await api.delete(ref));
  const attempt = async (): Promise<true | undefined> => {
    if (!send.accepted()) return send.again();
    const [chaos, told] = await Promise.all([api.get(ref), isTold ? undefined : tried(whenAccepted)]);
    isTold ||= told === '';
    if (chaos === undefined) return true;
    status = readStatus(chaos);
    return undefined;
  };
  const { seen, problem } = await watchFor(attempt, context, { intervalMs: 200, timeoutMs: goneMs });
  if (seen) return { status, problem: '' };
  const why = send.accepted() && problem === '' ? 'its finalizer stays' : send.problem() || problem;
  return { status, problem: `PodChaos ${name} is still there after ${goneMs / 1_000} s: ${why}` };
}

/** Why it failed; empty when it worked. */
async function tried(what: () => Promise<void>): Promise<string> {
  try {
    await what();
    return '';
  } catch (problem) {
    return messageOf(problem);
  }
}

interface Impatient {
  accepted(): boolean;
  /** Why the last one failed; empty when none did. */
  problem(): string;
  again(): undefined;
}

/** Sends a call that may be sent twice, again and again, without waiting for the answers. */
function impatient(call: () => Promise<void>): Impatient {
  let accepted = false;
  let problem = '';
  let underWay = 0;
  const one = async (): Promise<void> => {
    underWay += 1;
    try {
      await call();
      accepted = true;
    } catch (failure) {
      problem = messageOf(failure);
    } finally {
      underWay -= 1;
    }
  };
  return {
    accepted: () => accepted,
    problem: () => problem,
    again: () => {
      if (underWay < maxUnderWay) void one();
      return undefined;
    },
  };
}

/** Waits for three good answers in a row: one alone may come from a server that is about to be killed. */
export async function apiReadyAgain(context: FaultContext): Promise<string> {
  let inARow = 0;
  const look = async (): Promise<true | undefined> => {
    inARow = (await context.cluster.api.ready()) ? inARow + 1 : 0;
    return inARow >= 3 ? true : undefined;
  };
  const { seen } = await watchFor(look, context, { intervalMs: 300, timeoutMs: readyMs });
  return seen ? '' : `the API was not ready three times in a row within ${readyMs / 1_000} s`;
}

/** Waits a moment until Chaos Mesh has said whether it injected; gives the last it said. */
export async function heardStatus(name: string, context: FaultContext): Promise<ChaosStatus | undefined> {
  let last: ChaosStatus | undefined;
  const look = async (): Promise<true | undefined> => {
    const chaos: KubeObject | undefined = await context.cluster.api.get(podChaosRef(name));
    last = chaos && readStatus(chaos);
    return last !== undefined && last.said !== 'pending' && last.text.includes('Selected=True') ? true : undefined;
  };
  await watchFor(look, context, { intervalMs: 250, timeoutMs: 5_000 });
  return last;
}

/** Throws `timeout` when a fault that should be over is not. */
export function requireOver(problem: string): void {
  if (problem === '') return;
  throw new BlackstartError('timeout', problem, {
    hint: 'Look at the controller of Chaos Mesh: kubectl -n chaos-mesh logs deployment/chaos-controller-manager',
  });
}
