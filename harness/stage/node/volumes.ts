import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Lookup } from './lookup.ts';
import type { Mount } from './mounts.ts';
import { fieldValue, type PodFacts } from './pod-facts.ts';
import type { Container, Volume } from './pod.ts';

/** Files by their path in the volume. */
type Files = Map<string, Buffer>;

type Source = NonNullable<NonNullable<Volume['projected']>['sources']>[number];

const tokenLifetimeS = 3_607;

/** The volumes of one pod, each in a folder of its own. */
export class Volumes {
  readonly #folder: string;
  readonly #facts: PodFacts;
  readonly #lookup: Lookup;
  readonly #tokens = new Map<string, { token: string; renewAtMs: number }>();

  constructor(folder: string, facts: PodFacts, lookup: Lookup) {
    this.#folder = folder;
    this.#facts = facts;
    this.#lookup = lookup;
  }

  /** Writes every volume as it should be now; again later, it takes over what changed. Throws when something is missing. */
  async write(): Promise<void> {
    for (const volume of this.#facts.pod.spec.volumes ?? []) {
      const folder = this.#real(volume.name);
      if (volume.hostPath) continue;
      mkdirSync(folder, { recursive: true });
      const files = await this.#filesOf(volume);
      if (files) writeFiles(folder, files);
    }
  }

  /** True when there is something that can change while the pod runs. */
  get canChange(): boolean {
    return (this.#facts.pod.spec.volumes ?? []).some(({ emptyDir, hostPath }) => !emptyDir && !hostPath);
  }

  /** Where the mounts of a container are. A part of a volume that can change is copied, so that it does not change. */
  mountsOf(container: Container): Mount[] {
    return (container.volumeMounts ?? []).map(({ name, mountPath, subPath }) => {
      if (subPath === undefined || subPath === '') return { mountPath, realPath: this.#real(name) };
      const part = inside(this.#real(name), subPath);
      const volume = this.#facts.pod.spec.volumes?.find((one) => one.name === name);
      if (volume?.emptyDir || volume?.hostPath) {
        if (!existsSync(part)) mkdirSync(part, { recursive: true });
        return { mountPath, realPath: part };
      }
      const copy = inside(inside(inside(this.#folder, '.subpaths'), container.name), mountPath.replaceAll('/', '_'));
      if (!existsSync(copy)) cpSync(part, copy, { recursive: true });
      return { mountPath, realPath: copy };
    });
  }

  #real(name: string): string {
    const volume = this.#facts.pod.spec.volumes?.find((one) => one.name === name);
    if (!volume) throw new Error(`there is no volume "${name}"`);
    return volume.hostPath?.path ?? inside(this.#folder, name);
  }

  async #filesOf({ configMap, secret, downwardAPI, projected, emptyDir, name }: Volume): Promise<Files | undefined> {
    if (emptyDir) return undefined;
    if (configMap) return await this.#source({ configMap });
    if (secret) return await this.#source({ secret: { ...secret, name: secret.secretName } });
    if (downwardAPI) return await this.#source({ downwardAPI });
    if (!projected) throw new Error(`volume "${name}" is of a kind that this stage does not have`);
    const files: Files = new Map();
    for (const source of projected.sources ?? []) {
      for (const [path, data] of await this.#source(source)) files.set(path, data);
    }
    return files;
  }

  async #source({ configMap, secret, downwardAPI, serviceAccountToken }: Source): Promise<Files> {
    if (serviceAccountToken) {
      return new Map([[serviceAccountToken.path, Buffer.from(await this.#token(serviceAccountToken))]]);
    }
    if (downwardAPI) {
      const text = (ref: { fieldPath: string } | undefined): string => (ref && fieldValue(ref, this.#facts)) ?? '';
      return new Map((downwardAPI.items ?? []).map(({ path, fieldRef }) => [path, Buffer.from(text(fieldRef))]));
    }
    const kind = configMap ? 'configMap' : 'secret';
    const ref = configMap ?? secret;
    if (!ref) throw new Error('a projected volume has a source of a kind that this stage does not have');
    const { name, items, optional = false } = ref;
    const data = await this.#lookup[kind](this.#facts.pod.metadata.namespace ?? 'default', name);
    if (!data && !optional) throw new Error(`${kind.toLowerCase()} "${name}" not found`);
    if (!items) return data ?? new Map<string, Buffer>();
    const files: Files = new Map();
    for (const { key, path } of items) {
      const value = data?.get(key);
      if (value) files.set(path, value);
      else if (!optional) throw new Error(`${kind.toLowerCase()} "${name}" has no key "${key}"`);
    }
    return files;
  }

  /** Tokens are renewed when four fifths of their life are over, as the kubelet does. */
  async #token(source: NonNullable<Source['serviceAccountToken']>): Promise<string> {
    const known = this.#tokens.get(source.path);
    if (known && Date.now() < known.renewAtMs) return known.token;
    const { audience, expirationSeconds: expirationS = tokenLifetimeS } = source;
    const token = await this.#lookup.token(this.#facts.pod, { audience, expirationS });
    this.#tokens.set(source.path, { token, renewAtMs: Date.now() + expirationS * 800 });
    return token;
  }
}

/** Makes the folder hold exactly these files. Each is replaced in one step: a reader sees the old one or the new one. */
function writeFiles(folder: string, files: Files): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !files.has(relative(folder, path))) rmSync(path);
  }
  for (const [name, data] of files) {
    const path = inside(folder, name);
    if (existsSync(path) && readFileSync(path).equals(data)) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, data, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
}

/** A path below a folder. Throws when it would leave it. */
export function inside(folder: string, path: string): string {
  const joined = join(folder, path);
  if (joined === folder || !joined.startsWith(`${folder}/`)) throw new Error(`"${path}" leaves its folder`);
  return joined;
}
