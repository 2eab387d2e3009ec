import { ContainerProblem } from './programs.ts';
import type { Container, Pod } from './pod.ts';

/** What a pod can learn about itself and its node. */
export interface PodFacts {
  readonly pod: Pod;
  readonly podIp: string;
  readonly hostIp: string;
}

/** The value of a `fieldRef`; undefined for a field that pods cannot ask for. */
export function fieldValue(fieldPath: string, { pod, podIp, hostIp }: PodFacts): string | undefined {
  const { metadata, spec } = pod;
  const [, map, key] = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(fieldPath) ?? [];
  if (key !== undefined) return metadata[map as 'labels' | 'annotations']?.[key] ?? '';
  const fields: Record<string, string | undefined> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'spec.nodeName': spec.nodeName,
    'spec.serviceAccountName': spec.serviceAccountName ?? 'default',
    'status.podIP': podIp,
    'status.hostIP': hostIp,
  };
  return fields[fieldPath];
}

/** Replaces `$(NAME)` by its value; unknown names stay as they are, and `$$` stands for a dollar sign. */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$(?:\$|\(([^()]*)\))/g, (whole, name?: string) =>
    name === undefined ? '$' : (env[name] ?? whole),
  );
}

/** `base` and the container's own variables, whose values may use those before them. Throws a ContainerProblem. */
export function containerEnv(
  { env: variables = [] }: Container,
  facts: PodFacts,
  base: Readonly<Record<string, string>>,
) {
  const env: Record<string, string> = { ...base };
  for (const { name, value = '', valueFrom } of variables) {
    const known = valueFrom ? fieldValue(valueFrom.fieldRef?.fieldPath ?? '', facts) : expand(value, env);
    if (known === undefined) {
      const message = `env ${name}: this stage cannot read ${JSON.stringify(valueFrom)}`;
      throw new ContainerProblem('CreateContainerConfigError', message);
    }
    env[name] = known;
  }
  return env;
}

/** Where a mount really is: there is no mount namespace, so programs are told the real path. */
export interface Mount {
  readonly mountPath: string;
  readonly realPath: string;
}

/** Where a program in a real pod finds its service account. */
const serviceAccountPath = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Characters that may stand before and after a path inside a word: `--file=/app/x`, `/a:/b`, `require('/app/x')`. */
const before = String.raw`(?<=^|[=:,;\s"'(\[])`;
const after = String.raw`(?=$|[/:,;\s"')\]])`;

/** Replaces every absolute path that lies under a mount by the real one. The longest mount path wins. */
export function rewritePaths(text: string, mounts: readonly Mount[]): string {
  const real = new Map(mounts.map(({ mountPath, realPath }) => [trimmed(mountPath), realPath]));
  real.delete('');
  if (real.size === 0) return text;
  const paths = [...real.keys()].toSorted((a, b) => b.length - a.length).map(escape);
  return text.replace(new RegExp(`${before}(?:${paths.join('|')})${after}`, 'g'), (path) => real.get(path) ?? path);
}

/** Tells programs of ours, which cannot look at the standard path, where their service account's files really are. */
export function serviceAccountEnv(mounts: readonly Mount[]): Record<string, string> {
  const mount = mounts.find(({ mountPath }) => trimmed(mountPath) === serviceAccountPath);
  return mount ? { BLACKSTART_SERVICE_ACCOUNT: mount.realPath } : {};
}

function escape(path: string): string {
  return path.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

function trimmed(path: string): string {
  return path.replace(/\/+$/, '');
}
