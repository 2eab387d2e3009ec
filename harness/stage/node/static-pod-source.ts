import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
  type FSWatcher,
} from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { messageOf } from '../../core/errors.ts';
import type { Node } from './node.ts';
import { mirrorAnnotation, type Pod } from './pod.ts';

/** The kubelet's fileCheckFrequency, for what the file watch missed. */
const rescanMs = 20_000;

/** The static pods of a node: one for each manifest in its folder `manifests`; those put away are in `parked`. */
export class StaticPodSource {
  readonly #manifests: string;
  readonly #parked: string;
  readonly #node: Pick<Node, 'name' | 'onProblem'>;
  readonly #onChange: (pods: readonly Pod[]) => void;
  /** By file name. */
  #pods = new Map<string, Pod>();
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `onChange` is told all static pods when there is a change. */
  constructor(node: Pick<Node, 'name' | 'folder' | 'onProblem'>, onChange: (pods: readonly Pod[]) => void) {
    this.#manifests = join(node.folder, 'manifests');
    this.#parked = join(node.folder, 'parked');
    this.#node = node;
    this.#onChange = onChange;
    for (const folder of [this.#manifests, this.#parked]) mkdirSync(folder, { recursive: true });
  }

  start(): void {
    this.#watcher = watch(this.#manifests, () => this.scan());
    this.#watcher.on('error', (problem) => this.#node.onProblem(problem.message));
    this.#timer = setInterval(() => this.scan(), rescanMs);
    this.scan();
  }

  stop(): void {
    this.#watcher?.close();
    clearInterval(this.#timer);
  }

  /** Reads the folder; tells the pods when there is a change. */
  scan(): void {
    const names = readdirSync(this.#manifests).filter((name) => /^[^.].*\.(ya?ml|json)$/.test(name));
    const before = this.#pods;
    this.#pods = new Map(names.flatMap((name) => this.#read(name)));
    const isSame = ([name, { metadata }]: [string, Pod]): boolean => before.get(name)?.metadata.uid === metadata.uid;
    if (before.size !== this.#pods.size || ![...this.#pods].every(isSame)) this.#onChange(this.pods);
  }

  get pods(): readonly Pod[] {
    return [...this.#pods.values()];
  }

  /** The pod of `NAME.yaml` in the folder. */
  podOf(name: string): Pod | undefined {
    return this.#pods.get(`${name}.yaml`);
  }

  /** Moves `NAME.yaml` away, when it is there. Throws when another one is away already: that would be lost. */
  park(name: string): void {
    this.#refuseParked(name);
    this.#move(this.#manifests, this.#parked, name);
  }

  /** Moves `NAME.yaml` back, when it was parked. */
  restore(name: string): void {
    this.#move(this.#parked, this.#manifests, name);
  }

  /** SHA-256 of a manifest (empty when it is not there), and what is parked. */
  inspect(name: string): { hash: string; parked: string[] } {
    const path = join(this.#manifests, `${name}.yaml`);
    const hash = existsSync(path) ? sha256(readFileSync(path, 'utf8')) : '';
    return { hash, parked: readdirSync(this.#parked).map((file) => join(this.#parked, file)) };
  }

  /** The text of `NAME.yaml`; undefined when it is not there. */
  read(name: string): string | undefined {
    const path = join(this.#manifests, `${name}.yaml`);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  }

  /** Writes `NAME.yaml`, in one step. */
  add(name: string, manifest: string): void {
    const fresh = join(this.#manifests, `.${name}`);
    writeFileSync(fresh, manifest, { mode: 0o600 });
    renameSync(fresh, join(this.#manifests, `${name}.yaml`));
    this.scan();
  }

  /** Puts a copy of `NAME.yaml` away, then writes another one, each in one step. Throws as `park` does. */
  replace(name: string, manifest: string): void {
    this.#refuseParked(name);
    const file = `${name}.yaml`;
    const fresh = join(this.#parked, `.${name}`);
    copyFileSync(join(this.#manifests, file), fresh);
    renameSync(fresh, join(this.#parked, file));
    this.add(name, manifest);
  }

  /** Takes `NAME.yaml` away for good, when it is there. */
  remove(name: string): void {
    rmSync(join(this.#manifests, `${name}.yaml`), { force: true });
    this.scan();
  }

  #refuseParked(name: string): void {
    const isIn = (folder: string): boolean => existsSync(join(folder, `${name}.yaml`));
    if (isIn(this.#manifests) && isIn(this.#parked)) throw new Error(`${name}.yaml is parked already`);
  }

  #move(from: string, to: string, name: string): void {
    const file = `${name}.yaml`;
    if (existsSync(join(from, file))) renameSync(join(from, file), join(to, file));
    this.scan();
  }

  /** A file that does not hold up counts as it did before: mostly it is being written just now. */
  #read(name: string): [string, Pod][] {
    try {
      return [[name, staticPod(readFileSync(join(this.#manifests, name), 'utf8'), this.#node.name)]];
    } catch (problem) {
      if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return [];
      this.#node.onProblem(`${name}: ${messageOf(problem)}`);
      const before = this.#pods.get(name);
      return before ? [[name, before]] : [];
    }
  }
}

/** The pod of a manifest on a node. Its uid is a hash: another manifest is another pod. Throws for what is no pod. */
export function staticPod(text: string, nodeName: string): Pod {
  const { apiVersion, kind, metadata, spec } = (parse(text) ?? {}) as Partial<Pod>;
  if (kind !== 'Pod' || apiVersion !== 'v1' || !metadata?.name || !spec?.containers?.length) {
    throw new Error('not a manifest of a pod');
  }
  const uid = sha256(`${nodeName}\n${text}`).slice(0, 32);
  const { name, namespace = 'default' } = metadata;
  const annotations = { ...metadata.annotations, [mirrorAnnotation]: uid, 'kubernetes.io/config.source': 'file' };
  return {
    apiVersion,
    kind,
    metadata: { ...metadata, name: `${name}-${nodeName}`, namespace, uid, annotations },
    // Nothing evicts a static pod.
    spec: { ...spec, nodeName, tolerations: [{ operator: 'Exists', effect: 'NoExecute' }] },
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
