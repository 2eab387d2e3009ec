/** harness/layers.json: what may import what. */
export interface Layers {
  readonly folders: Readonly<Record<string, readonly string[]>>;
  /** Beyond `folders`, but only with `import type`, which is erased. */
  readonly typesOnly: Readonly<Record<string, readonly string[]>>;
  /** Packages with their only importers: a file, or a folder with all that is in it. */
  readonly packages: Readonly<Record<string, readonly string[]>>;
}

export interface SourceFile {
  /** From the project's folder: `harness/core/clock.ts`. */
  readonly path: string;
  readonly text: string;
}

/** What a file brings in. */
interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
}

/** Folders that may name a backend. In `stage` the word is a field of Kubernetes objects. */
const namesBackends = ['cluster', 'cli', 'report', 'test', 'stage'];
/** The authors' barrel shows what experiments need, and nothing of what does it. */
const barrelMayImport = ['core', 'experiment'];

/** Every breach of the layers, as `FILE: what is wrong`. Tests may import what their folder may, and test helpers. */
export function findBreaches(files: readonly SourceFile[], layers: Layers): string[] {
  return files.flatMap((file) => {
    const breaches = importsOf(file.text).map((each) => breachOf(file.path, each, layers));
    return [...breaches, backendNamed(file)].flatMap((breach) =>
      breach === undefined ? [] : `${file.path}: ${breach}`,
    );
  });
}

/** All import and export-from statements and dynamic imports of a literal. */
export function importsOf(text: string): Import[] {
  const code = text.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  const statements = [...code.matchAll(/^(?:import|export)\s+(type\s)?(?:[\w*{][^;'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm)];
  const calls = [...code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)];
  return [
    ...statements.map(([, type, from = '']) => ({ from, typeOnly: type !== undefined })),
    ...calls.map(([, from = '']) => ({ from, typeOnly: false })),
  ];
}

function breachOf(path: string, { from, typeOnly }: Import, layers: Layers): string | undefined {
  if (path.startsWith('experiments/')) {
    return from === '#harness' ? undefined : `imports ${from}; experiments import only #harness`;
  }
  if (from === '#harness') return 'imports #harness; only experiments do';
  const folder = folderOf(path);
  if (folder === 'test') return undefined;
  if (!from.startsWith('.')) return packageBreach(path, folder, from, layers);
  const target = resolveFrom(path, from);
  if (!target.startsWith('harness/')) return `imports ${from}, which is outside of harness/`;
  return folderBreach(path, folder, folderOf(target), typeOnly, layers);
}

function folderBreach(
  path: string,
  folder: string,
  target: string,
  typeOnly: boolean,
  layers: Layers,
): string | undefined {
  if (target === folder || (target === 'test' && isTest(path))) return undefined;
  const allowed = folder === '' ? barrelMayImport : layers.folders[folder];
  if (allowed === undefined) return `is in ${folder}/, which layers.json does not know`;
  if (allowed.includes(target)) return undefined;
  const erased = layers.typesOnly[folder]?.includes(target) ?? false;
  if (erased && typeOnly) return undefined;
  const how = erased ? ' other than by import type' : '';
  return `${folder === '' ? 'the barrel' : `${folder}/`} must not import ${target}/${how}`;
}

function packageBreach(path: string, folder: string, from: string, layers: Layers): string | undefined {
  if (from.startsWith('node:')) return undefined;
  const name = from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/');
  if (folder === 'workload' && !isTest(path)) return `imports ${name}; programs in the cluster have no packages`;
  const importers = layers.packages[name];
  const inside = path.slice('harness/'.length);
  if (
    importers === undefined ||
    importers.some((importer) => inside === importer || inside.startsWith(`${importer}/`))
  ) {
    return undefined;
  }
  return `imports ${name}; only ${importers.join(', ')} may`;
}

/**
 * The name of a backend as a string. The key of our tagged unions and of Kubernetes manifests is the same
 * word: `Spec['kind']`, `discriminatedUnion('kind'`, `Omit<…, 'kind'>` and `'kind', 'PodChaos'` are not meant.
 */
function backendNamed({ path, text }: SourceFile): string | undefined {
  if (!path.startsWith('harness/') || namesBackends.includes(folderOf(path))) return undefined;
  const found = /(?<!\[|discriminatedUnion\(|(?:Omit|Pick)<[^<>']*)(['"`])(kind|embedded)\1(?!, '[A-Z])/.exec(text);
  return found ? `names the backend ${found[0]}; only ${namesBackends.join('/, ')}/ may` : undefined;
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts');
}

/** The folder below harness/; empty for a file that lies in harness/ itself. */
function folderOf(path: string): string {
  const [, folder = '', ...rest] = path.split('/');
  return rest.length === 0 ? '' : folder;
}

function resolveFrom(path: string, from: string): string {
  return new URL(from, `file:///${path}`).pathname.slice(1);
}
