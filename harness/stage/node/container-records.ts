import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ContainerLog } from './container-log.ts';
import type { PodProcess } from './pod-process.ts';
import type { Pod } from './pod.ts';
import { nanoTime } from './time.ts';

/** Attempts that are remembered of each container. */
const keptPerContainer = 5;

/** One attempt of a container: what crictl would tell. */
export interface ContainerRecord {
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly pod: string;
  readonly namespace: string;
  /** Counts up with every restart, also over pods of the same name. */
  readonly attempt: number;
  readonly createdAt: string;
  readonly log: ContainerLog;
  /** Empty while it has not started. */
  startedAt: string;
  process: PodProcess | undefined;
  ended: Ended | undefined;
}

export interface Ended {
  readonly exitCode: number;
  readonly reason: string;
  readonly message: string;
  /** RFC 3339 with nanoseconds. */
  readonly finishedAt: string;
}

/** All containers of a node that are remembered, oldest first. */
export class ContainerRecords {
  readonly #folder: string;
  #records: ContainerRecord[] = [];

  constructor(logFolder: string) {
    this.#folder = logFolder;
  }

  /** A new attempt. As with the kubelet, the logs on disk remember how many there were before this agent was started. */
  add(pod: Pod, name: string): ContainerRecord {
    const { namespace = 'default', name: podName, uid = '' } = pod.metadata;
    const same = this.#records.filter((one) => isSame(one, namespace, podName, name));
    const folder = join(this.#folder, `${namespace}_${podName}_${uid}`, name);
    const attempt = Math.max(same.at(-1)?.attempt ?? -1, newestLog(folder)) + 1;
    const record: ContainerRecord = {
      id: randomBytes(32).toString('hex'),
      name,
      pod: podName,
      namespace,
      attempt,
      createdAt: nanoTime(),
      log: new ContainerLog(join(folder, `${attempt}.log`)),
      startedAt: '',
      process: undefined,
      ended: undefined,
    };
    this.#records.push(record);
    for (const old of same.slice(0, Math.max(0, same.length + 1 - keptPerContainer))) this.#forget(old);
    return record;
  }

  /** By container name or by id; newest first. */
  find({ name, id }: { name?: string; id?: string }): ContainerRecord[] {
    return this.#records
      .filter((one) => (name === undefined || one.name === name) && (id === undefined || one.id.startsWith(id)))
      .toReversed();
  }

  /** The attempts of one container, newest first. */
  attemptsOf(namespace: string, pod: string, name: string): ContainerRecord[] {
    return this.#records.filter((one) => isSame(one, namespace, pod, name)).toReversed();
  }

  /** The pod will not come back. */
  forgetPod({ metadata: { namespace = 'default', name, uid = '' } }: Pod): void {
    this.#records = this.#records.filter((one) => one.namespace !== namespace || one.pod !== name);
    rmSync(join(this.#folder, `${namespace}_${name}_${uid}`), { recursive: true, force: true });
  }

  #forget(record: ContainerRecord): void {
    this.#records = this.#records.filter((one) => one !== record);
    for (const path of [record.log.path, `${record.log.path}.1`]) rmSync(path, { force: true });
  }
}

/** The number of the newest log in a container's folder; -1 without any. */
function newestLog(folder: string): number {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return Math.max(-1, ...names.map((name) => Number.parseInt(name, 10)).filter(Number.isInteger));
}

function isSame(record: ContainerRecord, namespace: string, pod: string, name: string): boolean {
  return record.namespace === namespace && record.pod === pod && record.name === name;
}
