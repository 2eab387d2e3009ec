/** What new objects get from the cluster: names, service accounts, addresses. */
import { randomInt } from 'node:crypto';
import type { KubeObject } from '../../client/types.ts';
import { builtIn } from '../resources.ts';
import { detailsOf, forbidden, internal, invalid, wrong } from '../status.ts';
import { specOf, type Container, type PodSpec, type ServiceSpec } from './types.ts';

/** No vowels and nothing that looks alike: no words come out, as in Kubernetes. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
const tokenFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Five characters for names that the server makes up. */
export function randomSuffix(): string {
  return Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join('');
}

/** Node agents write pods that nobody scheduled. */
export function isMirror({ metadata }: KubeObject): boolean {
  return metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
}

/** A new pod gets its service account with the token's volume, and tolerations of a short node outage. */
export function admitPod(pod: KubeObject, findAccount: (name: string) => KubeObject | undefined): KubeObject {
  if (isMirror(pod)) return pod;
  const spec = { containers: [], serviceAccountName: 'default', tolerations: [], ...specOf<PodSpec>(pod) };
  const account = findAccount(spec.serviceAccountName);
  if (!account) {
    const { name, namespace } = pod.metadata;
    const problem = `error looking up service account ${namespace}/${spec.serviceAccountName}: not found`;
    throw forbidden(`pods "${name}" is forbidden: ${problem}`, detailsOf(builtIn('pods'), name));
  }
  const automount = spec.automountServiceAccountToken ?? account['automountServiceAccountToken'] ?? true;
  const tolerations = withNodeOutage(spec.tolerations);
  return { ...pod, spec: { ...(automount === true ? withToken(spec) : spec), tolerations } };
}

function withToken(spec: PodSpec): PodSpec {
  const lacks = ({ volumeMounts = [] }: Container) => !volumeMounts.some((mount) => mount.mountPath === tokenFolder);
  const name = `kube-api-access-${randomSuffix()}`;
  const mount = { name, readOnly: true, mountPath: tokenFolder };
  const withMount = (container: Container): Container =>
    lacks(container) ? { ...container, volumeMounts: [...(container.volumeMounts ?? []), mount] } : container;
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
  ];
  return {
    ...spec,
    containers: spec.containers.map(withMount),
    ...(spec.initContainers && { initContainers: spec.initContainers.map(withMount) }),
    volumes: [...(spec.volumes ?? []), { name, projected: { defaultMode: 420, sources } }],
  };
}

/** A pod leaves a node that is away for five minutes, unless it says something else. */
function withNodeOutage(tolerations: NonNullable<PodSpec['tolerations']>): NonNullable<PodSpec['tolerations']> {
  const says = (taint: string): boolean =>
    tolerations.some(({ key = taint, effect = 'NoExecute' }) => key === taint && effect === 'NoExecute');
  const missing = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter((taint) => !says(taint));
  const added = missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }));
  return [...tolerations, ...added];
}

/** Addresses below are only given to who asks for them by name: `kubernetes` is 1, `kube-dns` 10. */
const firstDynamic = 20;
const lastAddress = 254;

/**
 * The service with its cluster IP: its own when it has one, else the first free one. Throws 422 when it is taken.
 * Call where nobody else can write, or two services get the same.
 * @param prefix of the service range, a /24: `127.16.200.`
 */
export function withClusterIp(prefix: string, service: KubeObject, others: readonly KubeObject[]): KubeObject {
  const { clusterIP: wanted, clusterIPs: _ips, ...rest } = specOf<ServiceSpec>(service);
  const isOther = (other: KubeObject): boolean => other.metadata.uid !== service.metadata.uid;
  const taken = new Set(others.filter(isOther).map((other) => specOf<ServiceSpec>(other).clusterIP));
  const all = Array.from({ length: lastAddress }, (_, index) => `${prefix}${index + 1}`);
  const clusterIP = wanted || all.slice(firstDynamic - 1).find((address) => !taken.has(address));
  if (clusterIP === undefined) throw internal('failed to allocate a serviceIP: range is full');
  const isFree = all.includes(clusterIP) && !taken.has(clusterIP);
  if (clusterIP !== 'None' && !isFree) {
    const problem = taken.has(clusterIP)
      ? 'provided IP is already allocated'
      : 'the provided IP is not in the valid range';
    const cause = wrong('spec.clusterIPs', `["${clusterIP}"]: ${problem}`);
    throw invalid(builtIn('services'), service.metadata.name, [cause]);
  }
  return { ...service, spec: { ...rest, clusterIP, clusterIPs: [clusterIP] } };
}
