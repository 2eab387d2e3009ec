import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../core/clock.ts';
import type { Random } from '../../core/random.ts';
import { resources } from '../client/resources.ts';
import type { RecordEvent } from '../controllers/base/events.ts';
import { inject, InjectionError, recover, type ActionTools } from './actions.ts';
import { msLeft, newRecord, recordAfter, statusOf } from './pod-chaos.ts';
import type { ChaosRecord, DesiredPhase, PodChaos } from './pod-chaos.ts';
import { selectTargets } from './selection.ts';

export interface ChaosTools extends ActionTools {
  readonly clock: Clock;
  readonly random: Random;
  readonly record: RecordEvent;
}

/** The longest that a timer of Node can wait. */
const neverMs = 2 ** 31 - 1;
const component = 'chaos-controller-manager';
const finalizer = 'chaos-mesh/records';
const cleanFinalizer = 'chaos-mesh.chaos-mesh.org/cleanFinalizer';

/**
 * Brings one PodChaos (`namespace/name`) a step further: takes it over, selects once, injects or recovers what is due,
 * writes it down. Gives milliseconds until more is due; undefined when it is gone. Throws an InjectionError when a
 * target failed.
 */
export async function reconcile(key: string, tools: ChaosTools): Promise<number | undefined> {
  const [namespace, name = ''] = key.split('/');
  const chaos = (await tools.client.get(resources.podChaos, namespace, name)) as PodChaos | undefined;
  if (!chaos) return undefined;
  const { finalizers = [], deletionTimestamp } = chaos.metadata;
  if (deletionTimestamp !== undefined) return await end(chaos, finalizers, tools);
  if (!finalizers.includes(finalizer)) {
    await setFinalizers(chaos, [...finalizers, finalizer], tools);
    tools.record(component, chaos, 'FinalizerInited', `Finalizer ${finalizer} was set`);
  }
  const leftMs = msLeft(chaos, tools.clock.now());
  const isOver = leftMs !== undefined && leftMs <= 0;
  const phase = isOver ? 'Stop' : 'Run';
  const records = chaos.status?.experiment.containerRecords ?? (await select(chaos, tools));
  if (isOver && chaos.status?.experiment.desiredPhase === 'Run') {
    tools.record(component, chaos, 'TimeUp', 'Time up according to the duration');
  }
  const after = records && (await carryOut(chaos, records, phase, tools));
  await writeStatus(chaos, statusOf(phase, after?.records), tools);
  if (after?.problem) throw after.problem;
  return isOver ? neverMs : (leftMs ?? neverMs);
}

/** Pods that come later are never picked up. Nothing selected is the end, until the PodChaos is changed. */
async function select(chaos: PodChaos, tools: ChaosTools): Promise<readonly ChaosRecord[] | undefined> {
  const ids = await selectTargets(chaos, tools.client, tools.random);
  if (ids.length > 0) return ids.map(newRecord);
  tools.record(component, chaos, 'Failed', 'Failed to select targets: no pod is selected', 'Warning');
  return undefined;
}

async function carryOut(
  chaos: PodChaos,
  records: readonly ChaosRecord[],
  phase: DesiredPhase,
  tools: ChaosTools,
): Promise<{ readonly records: readonly ChaosRecord[]; readonly problem: InjectionError | undefined }> {
  let problem: InjectionError | undefined;
  const after: ChaosRecord[] = [];
  for (const record of records) {
    const isDue = record.phase === (phase === 'Run' ? 'Not Injected' : 'Injected');
    const why = isDue ? await tryOnce(chaos, record.id, phase, tools) : undefined;
    problem ??= why;
    after.push(isDue ? recordAfter(record, phase, tools.clock.now(), why?.message) : record);
  }
  return { records: after, problem };
}

/** Gives why it failed. An error of the API is thrown: then nothing is written down, and the whole is done again. */
async function tryOnce(
  chaos: PodChaos,
  id: string,
  phase: DesiredPhase,
  tools: ChaosTools,
): Promise<InjectionError | undefined> {
  const [act, verb, done] =
    phase === 'Run' ? ([inject, 'apply', 'Applied'] as const) : ([recover, 'recover', 'Recovered'] as const);
  try {
    await act(chaos, id, tools);
    tools.record(component, chaos, done, `Successfully ${verb} chaos for ${id}`);
    return undefined;
  } catch (problem) {
    if (!(problem instanceof InjectionError)) throw problem;
    tools.record(component, chaos, 'Failed', `Failed to ${verb} chaos: ${problem.message}`, 'Warning');
    return problem;
  }
}

/** Recovers what is still injected, then lets the object go. */
async function end(chaos: PodChaos, finalizers: readonly string[], tools: ChaosTools): Promise<undefined> {
  if (!finalizers.includes(finalizer)) return;
  const known = chaos.status?.experiment.containerRecords ?? [];
  const { records, problem } = await carryOut(chaos, known, 'Stop', tools);
  if (problem && chaos.metadata.annotations?.[cleanFinalizer] !== 'forced') {
    await writeStatus(chaos, statusOf('Stop', records), tools);
    throw problem;
  }
  const left = finalizers.filter((one) => one !== finalizer);
  await setFinalizers(chaos, left, tools);
}

async function setFinalizers({ metadata }: PodChaos, finalizers: readonly string[], tools: ChaosTools): Promise<void> {
  await tools.client.patch(resources.podChaos, metadata, { metadata: { finalizers } });
}

async function writeStatus(chaos: PodChaos, status: PodChaos['status'], tools: ChaosTools): Promise<void> {
  if (isDeepStrictEqual(status, chaos.status)) return;
  await tools.client.patch(resources.podChaos, chaos.metadata, { status });
}
