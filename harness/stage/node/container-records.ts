import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PodProcess } from './pod-process.ts';
import type { Pod } from './pod.ts';

/** Attempts that are remembered of each container. */
const keptPerContainer = 5;

/** One attempt of a container: what crictl would tell. Times are RFC 3339 with nanoseconds. */
export interface ContainerRecord {
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly pod: string;
  readonly namespace: string;
  /** Counts up with every restart, also over pods of the same name. */
  readonly attempt: number;
  /** File of what it wrote. */
  readonly log: string;
  /** Empty while it has not started. */
  startedAt: string;
  process?: PodProcess;
  ended?: { readonly exitCode: number; readonly reason: string; readonly finishedAt: string };
}

/** All containers of a node that are remembered, oldest first. */
export class ContainerRecords {
  readonly #folder: string;
  #records: ContainerRecord[] = [];

  constructor(logFolder: string) {
    this.#folder = logFolder;
  }

  /** A new attempt. As with the kubelet, the logs on disk remember how many there were before this agent. */
  add({ metadata }: Pod, name: string): ContainerRecord {
    const { namespace = 'default', name: pod } = metadata;
    const same = this.find({ namespace, pod, name });
    const folder = join(this.#podFolder(metadata), name);
    mkdirSync(folder, { recursive: true });
    const known = [same[0]?.attempt ?? -1, ...readdirSync(folder).map((file) => Number.parseInt(file, 10))];
    const attempt = Math.max(...known) + 1;
    const id = randomBytes(32).toString('hex');
    const log = join(folder, `${attempt}.log`);
    const record = { id, name, pod, namespace, attempt, log, startedAt: '' };
    const tooOld = same.slice(keptPerContainer - 1);
    for (const old of tooOld) rmSync(old.log, { force: true });
    this.#records = [...this.#records.filter((one) => !tooOld.includes(one)), record];
    return record;
  }

  /** Newest first; an id may be cut short. */
  find({ id = '', ...exact }: Partial<Pick<ContainerRecord, 'id' | 'name' | 'pod' | 'namespace'>>): ContainerRecord[] {
    const keys = Object.keys(exact) as (keyof typeof exact)[];
    return this.#records
      .filter((one) => one.id.startsWith(id) && keys.every((key) => one[key] === exact[key]))
      .toReversed();
  }

  /** The pod will not come back. */
  forgetPod({ metadata }: Pod): void {
    const { namespace = 'default', name } = metadata;
    this.#records = this.#records.filter((one) => one.namespace !== namespace || one.pod !== name);
    rmSync(this.#podFolder(metadata), { recursive: true, force: true });
  }

  #podFolder({ namespace = 'default', name, uid = '' }: Pod['metadata']): string {
    return join(this.#folder, `${namespace}_${name}_${uid}`);
  }
}
