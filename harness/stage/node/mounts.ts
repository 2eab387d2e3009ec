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

/**
 * What programs of ours, which cannot look at the standard path, get in their environment: the real folder with the
 * `token`, `ca.crt` and `namespace` of the pod's service account.
 */
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
