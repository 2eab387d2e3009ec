import { CommandError, type Run } from '../../core/command.ts';
import type { ApiAnswer, ApiCall } from '../api-connection.ts';
import { ApiError } from '../api-error.ts';
import { callAs } from '../client-node.ts';
import type { ApiDoor, Credentials } from '../cluster.ts';
import { nodeScript } from './node-script.ts';

/** The files that kubeadm puts on the control-plane node. */
const onNode = { admin: '/etc/kubernetes/admin.conf', 'break-glass': '/etc/kubernetes/super-admin.conf' } as const;

/** kubectl says at this verbosity which status and headers an answer had. */
const call = [
  'file=$1 server=$2 method=$3 path=$4 seconds=$5 body=$6;',
  'common="--kubeconfig=$file --server=$server --request-timeout=$seconds -v=8";',
  'case "$method" in',
  'GET) exec kubectl $common get --raw "$path";;',
  'DELETE) exec kubectl $common delete --raw "$path";;',
  // There is no `patch --raw`: kubectl wants the object by its name.
  'PATCH) exec kubectl $common patch "$7" -n "$8" --type=merge -p "$body" -o json;;',
  'esac; exit 64',
].join(' ');

/** docker exec, and kubectl's start, on a busy machine. */
const slackMs = 5_000;

/** Calls the API server on its control-plane node, or from outside as operators do. */
export async function callApi(
  door: ApiDoor,
  what: ApiCall,
  deadlineMs: number,
  cluster: { readonly controlPlane: string; readonly credentials: Credentials; readonly run: Run },
): Promise<ApiAnswer> {
  const { controlPlane, credentials, run } = cluster;
  if (door.via === 'address' && door.port === null) {
    const file = door.credential === 'admin' ? credentials.admin : credentials.breakGlass;
    return await callAs(file, what, { deadlineMs });
  }
  const server = `https://127.0.0.1:${door.port ?? 6443}`;
  const seconds = `${Math.max(1, Math.ceil(deadlineMs / 1_000))}s`;
  const body = what.body === undefined ? '' : JSON.stringify(what.body);
  const args = [onNode[door.credential], server, what.method, what.path, seconds, body, ...named(what.path)];
  const where = `${what.method} ${server}${what.path} on ${controlPlane}`;
  const { ok, stdout, stderr, problem } = await ran(run, nodeScript(controlPlane, call, args), deadlineMs + slackMs);
  const status = statusIn(stderr);
  const isSuccess = status !== undefined && status >= 200 && status < 300;
  // kubectl fails for every status that is none of success; it was an answer all the same. A success before a failure was
  // of an earlier request (`patch` begins with a GET): the call itself was not answered.
  if (status === undefined || isSuccess !== ok) {
    throw new ApiError(`${where}: ${lastLine(stderr) || 'kubectl told no status'}`, undefined, problem);
  }
  return { status, body: ok ? stdout : lastLine(stderr), priorityLevelUid: levelIn(stderr) };
}

/** What a program said, whether it failed or not. */
async function ran(
  run: Run,
  argv: readonly string[],
  timeoutMs: number,
): Promise<{ readonly ok: boolean; readonly stdout: string; readonly stderr: string; readonly problem?: unknown }> {
  try {
    return { ok: true, ...(await run(argv, { timeoutMs })) };
  } catch (problem) {
    const stderr = problem instanceof CommandError ? problem.result.stderr : '';
    return { ok: false, stdout: '', stderr, problem };
  }
}

/** `configmaps/NAME` and the namespace, of a path to one object in a namespace. */
function named(path: string): readonly string[] {
  const [, namespace = '', type = '', name = ''] = /\/namespaces\/([^/]+)\/([^/]+)\/([^/?]+)/.exec(path) ?? [];
  return [`${type}/${name}`, namespace];
}

/** `Response Status: 200 OK` up to 1.32, `"Response" verb="GET" … status="200 OK"` from 1.33 on. The last one counts. */
function statusIn(stderr: string): number | undefined {
  const found = [...stderr.matchAll(/(?:Response Status: |status=")(\d{3})/g)].at(-1)?.[1];
  return found === undefined ? undefined : Number(found);
}

function levelIn(stderr: string): string | null {
  return [...stderr.matchAll(/X-Kubernetes-Pf-Prioritylevel-Uid: (\S+)/gi)].at(-1)?.[1] ?? null;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
