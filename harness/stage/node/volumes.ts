import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { resourcePath } from '../client/paths.ts';
import { resources } from '../client/resources.ts';
import type { StageClient } from '../client/types.ts';
import { fieldValue, type Mount, type PodFacts } from './environment.ts';
import type { Container, VolumeSource } from './pod.ts';

/** Files by their path in the volume. */
type Files = Map<string, Buffer>;

const tokenLifetimeS = 3_607;

/** The volumes of one pod, each in a folder of its own. */
export class Volumes {
  readonly #folder: string;
  readonly #facts: PodFacts;
  readonly #client: Pick<StageClient, 'get' | 'raw'>;
  readonly #tokens = new Map<string, { readonly token: string; readonly renewAtMs: number }>();

  constructor(folder: string, facts: PodFacts, client: Pick<StageClient, 'get' | 'raw'>) {
    this.#folder = folder;
    this.#facts = facts;
    this.#client = client;
  }

  /** Writes every volume as it should be; again later, it takes over what changed. Throws when something is missing. */
  async write(): Promise<void> {
    for (const volume of this.#facts.pod.spec.volumes ?? []) {
      const folder = inside(this.#folder, volume.name);
      mkdirSync(folder, { recursive: true });
      if (volume.emptyDir) continue;
      const files: Files = new Map();
      for (const source of volume.projected?.sources ?? [volume]) {
        for (const [path, data] of await this.#filesOf(source)) files.set(path, data);
      }
      writeFiles(folder, files);
    }
  }

  /** Where the mounts of a container are. Throws for a part of a volume: it would have to be copied. */
  mountsOf({ volumeMounts = [] }: Container): Mount[] {
    return volumeMounts.map(({ name, mountPath, subPath = '' }) => {
      if (subPath !== '') throw new Error('this stage has no subPath');
      return { mountPath, realPath: inside(this.#folder, name) };
    });
  }

  async #filesOf({ configMap, secret, downwardAPI, serviceAccountToken }: VolumeSource): Promise<Files> {
    if (serviceAccountToken) {
      const token = await this.#token(serviceAccountToken);
      return new Map([[serviceAccountToken.path, Buffer.from(token)]]);
    }
    if (downwardAPI) {
      const text = (path = ''): string => fieldValue(path, this.#facts) ?? '';
      return new Map(
        (downwardAPI.items ?? []).map(({ path, fieldRef }) => [path, Buffer.from(text(fieldRef?.fieldPath))]),
      );
    }
    const source = configMap ?? secret;
    if (!source) throw new Error('a volume is of a kind that this stage does not have');
    const { name = source.secretName ?? '', items, optional = false } = source;
    const what = `${configMap ? 'configmap' : 'secret'} "${name}"`;
    const resource = configMap ? resources.configMaps : resources.secrets;
    const object = await this.#client.get(resource, this.#facts.pod.metadata.namespace, name);
    if (!object && !optional) throw new Error(`${what} not found`);
    const data = new Map([
      ...decode(object?.['data'], configMap ? 'utf8' : 'base64'),
      ...decode(object?.['binaryData'], 'base64'),
    ]);
    if (!items) return data;
    const files: Files = new Map();
    for (const { key, path } of items) {
      const value = data.get(key);
      if (value) files.set(path, value);
      else if (!optional) throw new Error(`${what} has no key "${key}"`);
    }
    return files;
  }

  /** Tokens are renewed when four fifths of their life are over, as the kubelet does. */
  async #token(source: NonNullable<VolumeSource['serviceAccountToken']>): Promise<string> {
    const known = this.#tokens.get(source.path);
    if (known && Date.now() < known.renewAtMs) return known.token;
    const { metadata, spec } = this.#facts.pod;
    const { audience, expirationSeconds = tokenLifetimeS } = source;
    const account = spec.serviceAccountName ?? 'default';
    const path = resourcePath(resources.serviceAccounts, metadata.namespace, account, 'token');
    const { status, body } = await this.#client.raw('POST', path, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        ...(audience !== undefined && { audiences: [audience] }),
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: metadata.name, uid: metadata.uid },
      },
    });
    if (status >= 300) throw new Error(`no token for service account ${metadata.namespace}/${account}: HTTP ${status}`);
    const { token } = (JSON.parse(body) as { status: { token: string } }).status;
    this.#tokens.set(source.path, { token, renewAtMs: Date.now() + expirationSeconds * 800 });
    return token;
  }
}

function decode(data: unknown, encoding: 'utf8' | 'base64'): [string, Buffer][] {
  const entries = Object.entries((data ?? {}) as Record<string, string>);
  return entries.map(([key, value]) => [key, Buffer.from(value, encoding)]);
}

/** Makes the folder hold exactly these files. Each is replaced in one step: readers see the old or the new one. */
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
