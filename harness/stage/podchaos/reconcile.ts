import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../core/clock.ts';
import type { Random } from '../../core/random.ts';
import { resources } from '../client/resources.ts';
import { inject, InjectionError, recover, type ActionTools } from './actions.ts';
import { writeEvent } from './events.ts';
import { isPaused, msLeft, newRecord, recordAfter, statusOf, type ChaosRecord, type PodChaos } from './pod-chaos.ts';
import { selectTargets } from './selection.ts';

export interface ReconcileTools extends ActionTools {
  readonly clock: Clock;
  readonly random: Random;
}

/** When to look again although nothing changed: after so many milliseconds, or by the back-off of what failed. */
export type LookAgain = number | 'failed' | undefined;

const finalizer = 'chaos-mesh/records';
const cleanFinalizer = 'chaos-mesh.chaos-mesh.org/cleanFinalizer';

/** Brings one PodChaos a step further: takes it over, selects once, injects or recovers what is due, writes it down. */
export async function reconcile(namespace: string, name: string, tools: ReconcileTools): Promise<LookAgain> {
  const chaos = (await tools.client.get(resources.podChaos, namespace, name)) as PodChaos | undefined;
  if (!chaos) return undefined;
  if (chaos.metadata.deletionTimestamp !== undefined) return await end(chaos, tools);
  await takeOver(chaos, tools);
  const now = tools.clock.now();
  const oneShot = chaos.spec.action !== 'pod-failure';
  const paused = !oneShot && isPaused(chaos);
  const leftMs = msLeft(chaos, now);
  const timeIsUp = leftMs !== undefined && leftMs <= 0;
  const phase = paused || timeIsUp ? 'Stop' : 'Run';
  const known = chaos.status?.experiment.containerRecords ?? (await select(chaos, tools));
  if (timeIsUp && chaos.status?.experiment.desiredPhase === 'Run') {
    await writeEvent(chaos, 'TimeUp', 'Time up according to the duration', tools);
  }
  const { records, failed } = known
    ? await carryOut(chaos, known, phase, tools)
    : { records: undefined, failed: false };
  await writeStatus(chaos, statusOf(phase, records, paused), tools);
  if (failed) return 'failed';
  return timeIsUp || paused ? undefined : leftMs;
}

async function takeOver(chaos: PodChaos, tools: ReconcileTools): Promise<void> {
  const { finalizers = [] } = chaos.metadata;
  if (finalizers.includes(finalizer)) return;
  const metadata = { finalizers: [...finalizers, finalizer] };
  await tools.client.patch(resources.podChaos, chaos.metadata, { metadata });
  await writeEvent(chaos, 'FinalizerInited', `Finalizer ${finalizer} was set`, tools);
}

/** Pods that come later are never picked up. Nothing selected is the end, until the PodChaos is changed. */
async function select(chaos: PodChaos, tools: ReconcileTools): Promise<readonly ChaosRecord[] | undefined> {
  const ids = await selectTargets(chaos, tools.client, tools.random);
  if (ids.length > 0) return ids.map(newRecord);
  await writeEvent(chaos, 'Failed', 'Failed to select targets: no pod is selected', tools);
  return undefined;
}

async function carryOut(
  chaos: PodChaos,
  records: readonly ChaosRecord[],
  phase: 'Run' | 'Stop',
  tools: ReconcileTools,
): Promise<{ readonly records: readonly ChaosRecord[]; readonly failed: boolean }> {
  let failed = false;
  const after: ChaosRecord[] = [];
  for (const record of records) {
    const due = phase === 'Run' ? record.phase === 'Not Injected' : record.phase === 'Injected';
    const problem = due ? await tryOnce(chaos, record.id, phase, tools) : undefined;
    failed ||= problem !== undefined;
    after.push(due ? recordAfter(record, phase === 'Run' ? 'Apply' : 'Recover', tools.clock.now(), problem) : record);
  }
  return { records: after, failed };
}

/** Gives why it failed. An error of the API is thrown: then nothing is written down, and the whole is done again. */
async function tryOnce(
  chaos: PodChaos,
  id: string,
  phase: 'Run' | 'Stop',
  tools: ReconcileTools,
): Promise<string | undefined> {
  const [act, verb] = phase === 'Run' ? [inject, 'apply'] : [recover, 'recover'];
  try {
    await act(chaos, id, tools);
    const done = phase === 'Run' ? 'Applied' : 'Recovered';
    await writeEvent(chaos, done, `Successfully ${verb} chaos for ${id}`, tools);
    return undefined;
  } catch (problem) {
    if (!(problem instanceof InjectionError)) throw problem;
    await writeEvent(chaos, 'Failed', `Failed to ${verb} chaos: ${problem.message}`, tools);
    return problem.message;
  }
}

async function writeStatus(chaos: PodChaos, status: PodChaos['status'], tools: ReconcileTools): Promise<void> {
  if (isDeepStrictEqual(status, chaos.status)) return;
  await tools.client.patch(resources.podChaos, chaos.metadata, { status });
}

/** Recovers what is still injected, then lets the object go. */
async function end(chaos: PodChaos, tools: ReconcileTools): Promise<LookAgain> {
  const { finalizers = [], annotations } = chaos.metadata;
  if (!finalizers.includes(finalizer)) return undefined;
  const known = chaos.status?.experiment.containerRecords ?? [];
  const { records, failed } = await carryOut(chaos, known, 'Stop', tools);
  if (failed && annotations?.[cleanFinalizer] !== 'forced') {
    await writeStatus(chaos, statusOf('Stop', records, isPaused(chaos)), tools);
    return 'failed';
  }
  const left = finalizers.filter((one) => one !== finalizer);
  await tools.client.patch(resources.podChaos, chaos.metadata, { metadata: { finalizers: left } });
  return undefined;
}
