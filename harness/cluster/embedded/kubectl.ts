/**
 * A program with the few words of kubectl that Blackstart itself uses, for machines without it:
 * `apply --server-side … -f -`, `rollout status KIND/NAME`, `delete KIND…/NAME… [--wait]`, `delete PLURAL,… -l SELECTOR`,
 * `annotate`, `get pods -l SELECTOR`.
 */
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { systemClock } from '../../core/clock.ts';
import { BlackstartError, messageOf } from '../../core/errors.ts';
import { poll } from '../../core/poll.ts';
import { openApiClient } from '../client-node.ts';
import type { ApiClient, KubeObject, ObjectRef } from '../client.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kubeconfig: { type: 'string' },
    namespace: { type: 'string', short: 'n' },
    filename: { type: 'string', short: 'f' },
    timeout: { type: 'string', default: '60s' },
    wait: { type: 'string', default: 'true' },
    selector: { type: 'string', short: 'l' },
    output: { type: 'string', short: 'o' },
    'server-side': { type: 'boolean' },
    'force-conflicts': { type: 'boolean' },
    'field-manager': { type: 'string', default: 'blackstart' },
    'ignore-not-found': { type: 'boolean' },
    overwrite: { type: 'boolean' },
  },
});
const wordsBeforeNames = { annotate: 1, rollout: 2 } as const;
const wait = { clock: systemClock, intervalMs: 100 };
const workloadKinds: Readonly<Record<string, string>> = { deployment: 'Deployment', daemonset: 'DaemonSet' };
/** What clears up after telemetry names its types like this. */
const kindsByPlural: Readonly<Record<string, readonly [apiVersion: string, kind: string]>> = {
  nodes: ['v1', 'Node'],
  namespaces: ['v1', 'Namespace'],
  'clusterroles.rbac.authorization.k8s.io': ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
  'clusterrolebindings.rbac.authorization.k8s.io': ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'],
  'flowschemas.flowcontrol.apiserver.k8s.io': ['flowcontrol.apiserver.k8s.io/v1', 'FlowSchema'],
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': [
    'flowcontrol.apiserver.k8s.io/v1',
    'PriorityLevelConfiguration',
  ],
};
const timeoutMs = Number(values.timeout.replace(/s$/, '')) * 1_000;

try {
  const api = openApiClient(values.kubeconfig ?? '', { deadlineMs: 10_000 });
  await carryOut(api);
} catch (problem) {
  process.stderr.write(`${messageOf(problem)}\n`);
  process.exitCode = 1;
}

async function carryOut(api: ApiClient): Promise<void> {
  const [verb, noun] = positionals;
  if (verb === 'apply') await apply(api);
  else if (verb === 'rollout' && noun === 'status') await rolloutStatus(api, refs(wordsBeforeNames.rollout));
  else if (verb === 'delete') await remove(api, values.selector === undefined ? refs(1) : await selected(api, noun));
  else if (verb === 'annotate') await annotate(api);
  else if (verb === 'get' && noun === 'pods') await getPods(api);
  else throw new BlackstartError('usage', `'${positionals.join(' ')}' is not among the words that this program knows`);
}

async function apply(api: ApiClient): Promise<void> {
  const { items } = JSON.parse(await text(process.stdin)) as { items: readonly KubeObject[] };
  for (const item of items) {
    const { namespace, ...metadata } = item.metadata;
    const where = namespace ?? values.namespace;
    const object = { ...item, metadata: { ...metadata, ...(where !== undefined && { namespace: where }) } };
    await api.apply(object, values['field-manager']);
    process.stdout.write(`${item.kind}/${item.metadata.name} serverside-applied\n`);
  }
}

async function rolloutStatus(api: ApiClient, [ref]: readonly ObjectRef[]): Promise<void> {
  if (!ref) throw new BlackstartError('usage', 'rollout status needs KIND/NAME');
  const what = `${ref.kind} ${ref.name} to be rolled out`;
  await poll(async () => (isRolledOut(await api.get(ref)) ? true : undefined), { ...wait, timeoutMs, what });
}

interface WorkloadStatus {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
  readonly desiredNumberScheduled?: number;
  readonly updatedNumberScheduled?: number;
  readonly numberAvailable?: number;
}

function isRolledOut(object: KubeObject | undefined): boolean {
  if (!object) return false;
  const status = (object.status ?? {}) as WorkloadStatus;
  const { generation } = object.metadata as { readonly generation?: number };
  if (status.observedGeneration !== generation) return false;
  if (object.kind === 'DaemonSet') {
    const wanted = status.desiredNumberScheduled;
    return [status.updatedNumberScheduled, status.numberAvailable].every((count) => (count ?? 0) === wanted);
  }
  const wanted = (object.spec as { readonly replicas?: number }).replicas ?? 1;
  return [status.replicas, status.updatedReplicas, status.availableReplicas].every((count) => (count ?? 0) === wanted);
}

async function getPods(api: ApiClient): Promise<void> {
  const { namespace, selector } = values;
  const pods = await api.list({
    apiVersion: 'v1',
    kind: 'Pod',
    ...(namespace !== undefined && { namespace }),
    ...(selector !== undefined && { labelSelector: selector }),
  });
  for (const { metadata, spec, status } of pods) {
    process.stdout.write(`${metadata.name}  ${String(status?.['phase'])}  ${String(spec?.['nodeName'])}\n`);
  }
}

async function remove(api: ApiClient, objects: readonly ObjectRef[]): Promise<void> {
  for (const ref of objects) await api.delete(ref);
  if (values.wait === 'false') return;
  for (const ref of objects) {
    const gone = async (): Promise<true | undefined> => ((await api.get(ref)) === undefined ? true : undefined);
    await poll(gone, { ...wait, timeoutMs, what: `${ref.kind} ${ref.name} to be gone` });
  }
}

async function selected(api: ApiClient, types = ''): Promise<readonly ObjectRef[]> {
  const found = await Promise.all(
    types.split(',').map(async (plural) => {
      const [apiVersion, kind] = kindsByPlural[plural] ?? [];
      if (apiVersion === undefined || kind === undefined) {
        throw new BlackstartError('usage', `'${plural}' is not among the types that this program knows`);
      }
      const objects = await api.list({ apiVersion, kind, labelSelector: values.selector ?? '' });
      return objects.map(({ metadata }) => ({ apiVersion, kind, name: metadata.name }));
    }),
  );
  return found.flat();
}

async function annotate(api: ApiClient): Promise<void> {
  const [ref] = refs(wordsBeforeNames.annotate);
  const [key = '', value = ''] = (positionals.at(-1) ?? '').split('=', 2);
  if (ref) await api.patch(ref, { metadata: { annotations: { [key]: value } } });
}

/** `KIND.VERSION.GROUP/NAME…`, `KIND/NAME` of a workload, or `podchaos.chaos-mesh.org NAME`. */
function refs(skip: number): readonly ObjectRef[] {
  const words = positionals.slice(skip).filter((word) => !word.includes('='));
  const [first = '', second] = words;
  if (first === 'podchaos.chaos-mesh.org') {
    return [refOf('chaos-mesh.org/v1alpha1', 'PodChaos', second ?? '')];
  }
  return words.map((word) => {
    const [type = '', name = ''] = word.split('/', 2);
    const [kind = '', version, ...group] = type.split('.');
    if (version === undefined) return refOf('apps/v1', workloadKinds[kind] ?? kind, name);
    const prefix = group.join('.');
    return refOf(prefix === '' ? version : `${prefix}/${version}`, kind, name);
  });
}

function refOf(apiVersion: string, kind: string, name: string): ObjectRef {
  return { apiVersion, kind, name, ...(values.namespace !== undefined && { namespace: values.namespace }) };
}
