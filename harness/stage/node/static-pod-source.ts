import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { messageOf } from '../../core/errors.ts';
import { mirrorAnnotation, type Pod } from './pod.ts';

/** The kubelet's fileCheckFrequency, for what the file watch missed. */
const rescanMs = 20_000;

interface ManifestFile {
  readonly text: string;
  readonly pod: Pod;
}

export interface StaticPodFolders {
  readonly manifests: string;
  /** On the same file system, so that a move is one step. */
  readonly parked: string;
}

/** The static pods of a node: one for each manifest in a folder. */
export class StaticPodSource {
  readonly #folders: StaticPodFolders;
  readonly #nodeName: string;
  readonly #onChange: (pods: readonly Pod[]) => void;
  readonly #onProblem: (message: string) => void;
  #files = new Map<string, ManifestFile>();
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    folders: StaticPodFolders,
    nodeName: string,
    onChange: (pods: readonly Pod[]) => void,
    onProblem: (message: string) => void,
  ) {
    this.#folders = folders;
    this.#nodeName = nodeName;
    this.#onChange = onChange;
    this.#onProblem = onProblem;
    for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  }

  start(): void {
    this.#watcher = watch(this.#folders.manifests, () => this.scan());
    this.#watcher.on('error', (problem) => this.#onProblem(problem.message));
    this.#timer = setInterval(() => this.scan(), rescanMs);
    this.scan();
  }

  stop(): void {
    this.#watcher?.close();
    clearInterval(this.#timer);
  }

  /** Reads the folder; tells the pods when there is a change. */
  scan(): void {
    const names = readdirSync(this.#folders.manifests).filter((name) => /^[^.].*\.(ya?ml|json)$/.test(name));
    const files = new Map(names.flatMap((name) => this.#read(name)));
    const isSame =
      files.size === this.#files.size && [...files].every(([name, file]) => this.#files.get(name) === file);
    this.#files = files;
    if (!isSame) this.#onChange([...files.values()].map(({ pod }) => pod));
  }

  /** The pod of `NAME.yaml` in the folder. */
  podOf(name: string): Pod | undefined {
    return this.#files.get(`${name}.yaml`)?.pod;
  }

  /** Moves `NAME.yaml` away. False when it is not there. */
  park(name: string): boolean {
    return this.#move(this.#folders.manifests, this.#folders.parked, name);
  }

  /** Moves `NAME.yaml` back. False when it was not parked. */
  restore(name: string): boolean {
    return this.#move(this.#folders.parked, this.#folders.manifests, name);
  }

  isParked(name: string): boolean {
    return existsSync(join(this.#folders.parked, `${name}.yaml`));
  }

  /** SHA-256 of a manifest (empty when it is not there), and what is parked. */
  inspect(name: string): { hash: string; parked: string[] } {
    const path = join(this.#folders.manifests, `${name}.yaml`);
    const hash = existsSync(path) ? sha256(readFileSync(path, 'utf8')) : '';
    return { hash, parked: readdirSync(this.#folders.parked).map((file) => join(this.#folders.parked, file)) };
  }

  #move(from: string, to: string, name: string): boolean {
    if (!existsSync(join(from, `${name}.yaml`))) return false;
    renameSync(join(from, `${name}.yaml`), join(to, `${name}.yaml`));
    this.scan();
    return true;
  }

  /** A file that does not hold up counts as it did before: mostly it is being written just now. */
  #read(name: string): [string, ManifestFile][] {
    const before = this.#files.get(name);
    try {
      const text = readFileSync(join(this.#folders.manifests, name), 'utf8');
      return [[name, before?.text === text ? before : { text, pod: staticPod(text, this.#nodeName) }]];
    } catch (problem) {
      if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return [];
      this.#onProblem(`${name}: ${messageOf(problem)}`);
      return before ? [[name, before]] : [];
    }
  }
}

/** The pod of a manifest on a node. Its uid is a hash: another manifest is another pod. Throws for what is no pod. */
export function staticPod(text: string, nodeName: string): Pod {
  const { apiVersion, kind, metadata, spec } = (parse(text) ?? {}) as Partial<Pod>;
  if (kind !== 'Pod' || apiVersion !== 'v1' || !metadata?.name || !Array.isArray(spec?.containers)) {
    throw new Error('not a manifest of a pod');
  }
  const hash = sha256(`${nodeName}\n${text}`).slice(0, 32);
  return {
    apiVersion,
    kind,
    metadata: {
      ...metadata,
      name: `${metadata.name}-${nodeName}`,
      namespace: metadata.namespace ?? 'default',
      uid: hash,
      annotations: {
        ...metadata.annotations,
        'kubernetes.io/config.hash': hash,
        [mirrorAnnotation]: hash,
        'kubernetes.io/config.source': 'file',
      },
    },
    // Nothing evicts a static pod.
    spec: { ...spec, nodeName, tolerations: [{ operator: 'Exists', effect: 'NoExecute' }] },
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
