import { StatusError } from '../client/status-error.ts';
import type { ContainerRecord, ContainerRecords } from './container-records.ts';
import type { MirrorPods } from './mirror-pods.ts';
import type { PodManager } from './pod-manager.ts';
import type { PodProcess } from './pod-process.ts';
import { readProcess } from './proc.ts';
import type { StaticPodSource } from './static-pod-source.ts';
import type { UndoTimers } from './undo-timers.ts';

/** Gives the answer, as JSON; nothing is `{}`. Throws a StatusError for what cannot be met. */
export type ControlHandler = (
  name: string,
  body: { readonly withinMs?: unknown; readonly timer?: unknown; readonly manifest?: unknown },
  query: URLSearchParams,
) => unknown;

export interface ControlParts {
  readonly records: ContainerRecords;
  readonly source: StaticPodSource;
  readonly pods: PodManager;
  readonly mirrors: MirrorPods;
}

/** What can be done to a node from outside, without the API: by method and path, in which `*` is one name. */
export function controlRoutes(parts: ControlParts, timers: UndoTimers): Readonly<Record<string, ControlHandler>> {
  const { records, pods, mirrors } = parts;
  const running = (id: string): PodProcess => {
    const [record] = /^[0-9a-f]{12,64}$/.test(id) ? records.find({ id }) : [];
    if (record?.process && !record.ended) return record.process;
    throw new StatusError(`there is no running container ${id}`, { code: 404 });
  };
  const disarm = (timer: unknown): void => {
    if (timer !== undefined) timers.disarm(timerName(timer));
  };
  return {
    // Newest first, at most five of each.
    'GET /containers': (_, __, query) => records.find({ name: query.get('name') ?? '' }).map(containerInfo),
    // SIGKILL; the answer comes when it has ended. The agent starts it again.
    'POST /containers/*/stop': async (id) => {
      const process = running(id);
      process.signal('SIGKILL');
      await process.exited;
    },
    'POST /containers/*/freeze': (id, { withinMs, timer }) => {
      const [as, within] = [timerName(timer), milliseconds(withinMs)];
      const process = running(id);
      timers.arm(as, within, { kind: 'thaw', target: id });
      process.signal('SIGSTOP');
    },
    'POST /containers/*/thaw': (id, { timer }) => {
      thaw(parts, id);
      disarm(timer);
    },
    'GET /containers/*/frozen': (id) => {
      const [record] = records.find({ id });
      return { frozen: !record?.ended && readProcess(record?.process?.pid ?? 0)?.state === 'T' };
    },
    ...staticPodRoutes(parts, timers, disarm),
    'GET /timers': () => timers.names(),
    // What ran into its back-off starts now, and mirror pods that are missing are written.
    'POST /renew': () => {
      pods.forgetBackOffs();
      mirrors.renew();
    },
  };
}

/** Static pods: put away and back, added and taken away. */
function staticPodRoutes(
  parts: ControlParts,
  timers: UndoTimers,
  disarm: (timer: unknown) => void,
): Readonly<Record<string, ControlHandler>> {
  const { source, pods } = parts;
  return {
    'GET /static-pods/*': (name) => source.inspect(name),
    // Moves the manifest away and kills what ran of it; the answer comes when it has ended.
    'POST /static-pods/*/park': async (name, { withinMs, timer }) => {
      const [as, within] = [timerName(timer), milliseconds(withinMs)];
      const pod = source.podOf(name);
      if (!pod) throw new StatusError(`there is no static pod ${name}`, { code: 404 });
      timers.arm(as, within, { kind: 'restore', target: name });
      source.park(name);
      await pods.kill(pod);
    },
    // The manifest that was there is put away as by a park, and comes back with restore.
    'POST /static-pods/*/replace': async (name, { manifest, withinMs, timer }) => {
      const [as, within] = [timerName(timer), milliseconds(withinMs)];
      if (typeof manifest !== 'string') throw new StatusError('manifest: a text is needed', { code: 400 });
      const pod = source.podOf(name);
      if (!pod) throw new StatusError(`there is no static pod ${name}`, { code: 404 });
      timers.arm(as, within, { kind: 'restore', target: name });
      source.replace(name, manifest);
      await pods.kill(pod);
    },
    'POST /static-pods/*/restore': async (name, { timer }) => {
      await restore(parts, name);
      disarm(timer);
    },
    'GET /static-pods/*/manifest': (name) => {
      const manifest = source.read(name);
      if (manifest === undefined) throw new StatusError(`there is no static pod ${name}`, { code: 404 });
      return { manifest };
    },
    'POST /static-pods/*/add': (name, { manifest, withinMs, timer }) => {
      const [as, within] = [timerName(timer), milliseconds(withinMs)];
      if (typeof manifest !== 'string') throw new StatusError('manifest: a text is needed', { code: 400 });
      timers.arm(as, within, { kind: 'remove', target: name });
      source.add(name, manifest);
    },
    // Takes the manifest away and kills what ran of it; the answer comes when it has ended.
    'POST /static-pods/*/remove': async (name, { timer }) => {
      await remove(parts, name);
      disarm(timer);
    },
  };
}

/** Also when it does not run any more. */
export function thaw({ records }: ControlParts, id: string): void {
  for (const { process } of records.find({ id })) process?.signal('SIGCONT');
}

/** Moves a manifest back. What still runs of the old pod is killed, or the new one would wait for it. */
export async function restore({ source, pods }: ControlParts, name: string): Promise<void> {
  source.restore(name);
  const pod = source.podOf(name);
  if (pod) await pods.kill(pod);
}

/** Takes an added manifest away, with what runs of it; nothing happens when it is not there. */
export async function remove({ source, pods }: ControlParts, name: string): Promise<void> {
  const pod = source.podOf(name);
  source.remove(name);
  if (pod) await pods.kill(pod);
}

function containerInfo({ process, ended, ...facts }: ContainerRecord) {
  const state = ended ? 'exited' : facts.startedAt === '' ? 'created' : 'running';
  return { ...facts, state, pid: ended ? 0 : (process?.pid ?? 0) };
}

/** One container on the wire; `pid` is 0 unless it runs. */
export type ContainerInfo = ReturnType<typeof containerInfo>;

function milliseconds(withinMs: unknown): number {
  if (typeof withinMs === 'number' && withinMs >= 0) return withinMs;
  throw new StatusError('withinMs: a number of milliseconds is needed', { code: 400 });
}

/** It becomes the name of a file. */
function timerName(timer: unknown): string {
  if (typeof timer === 'string' && /^[a-zA-Z0-9][\w.-]{0,127}$/.test(timer)) return timer;
  throw new StatusError('timer: letters, digits, dots, dashes and underscores are needed', { code: 400 });
}
