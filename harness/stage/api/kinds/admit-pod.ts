import type { KubeObject } from '../../client/types.ts';
import { forbidden } from '../status.ts';
import { randomSuffix } from './random-suffix.ts';
import { specOf, type Container, type PodSpec, type Volume } from './fields.ts';

const tokenFolder = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Node agents write pods that nobody scheduled; they have no account. */
const mirror = 'kubernetes.io/config.mirror';

/** What a new pod gets beside its defaults: its service account with the token's volume, and tolerations of a short node outage. */
export function admitPod(pod: KubeObject, findAccount: (name: string) => KubeObject | undefined): KubeObject {
  if (pod.metadata.annotations?.[mirror] !== undefined) return pod;
  const spec = { containers: [], ...specOf<PodSpec>(pod) };
  const { serviceAccountName = 'default' } = spec;
  const account = findAccount(serviceAccountName);
  if (!account) {
    const { name, namespace = '' } = pod.metadata;
    throw forbidden(
      `pods "${name}" is forbidden: error looking up service account ${namespace}/${serviceAccountName}: serviceaccount "${serviceAccountName}" not found`,
      { name, kind: 'pods' },
    );
  }
  const named = { ...spec, serviceAccountName, serviceAccount: serviceAccountName };
  const automount = spec.automountServiceAccountToken ?? account['automountServiceAccountToken'] ?? true;
  const admitted = automount === true ? withToken(named) : named;
  return { ...pod, spec: { ...admitted, tolerations: tolerationsOf(admitted) } };
}

function withToken(spec: PodSpec): PodSpec {
  const lacks = (container: Container): boolean =>
    !container.volumeMounts?.some((mount) => mount.mountPath === tokenFolder);
  if (!spec.containers.some(lacks)) return spec;
  const name = `kube-api-access-${randomSuffix()}`;
  const mount = { name, readOnly: true, mountPath: tokenFolder };
  const withMount = (container: Container): Container =>
    lacks(container) ? { ...container, volumeMounts: [...(container.volumeMounts ?? []), mount] } : container;
  return {
    ...spec,
    containers: spec.containers.map(withMount),
    ...(spec.initContainers && { initContainers: spec.initContainers.map(withMount) }),
    volumes: [...(spec.volumes ?? []), tokenVolume(name)],
  };
}

function tokenVolume(name: string): Volume {
  const namespace = { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } };
  return {
    name,
    projected: {
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [namespace] } },
      ],
    },
  };
}

/** A pod leaves a node that is away for five minutes, unless it says something else. */
function tolerationsOf({ tolerations = [] }: PodSpec): NonNullable<PodSpec['tolerations']> {
  const missing = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter(
    (key) =>
      !tolerations.some((one) => (one.key ?? key) === key && (one.effect === undefined || one.effect === 'NoExecute')),
  );
  return [
    ...tolerations,
    ...missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })),
  ];
}
