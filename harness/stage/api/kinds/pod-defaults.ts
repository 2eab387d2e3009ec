import type { Container, PodSpec, Volume } from './fields.ts';

/** The defaults that the API server writes into pod specs, in pods and in templates. Given fields win. */
export function defaultPodSpec(spec: Partial<PodSpec>): PodSpec {
  const { hostNetwork = false } = spec;
  const account = spec.serviceAccountName ?? (spec['serviceAccount'] as string | undefined);
  return {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
    securityContext: {},
    ...spec,
    ...(account !== undefined && { serviceAccountName: account, serviceAccount: account }),
    containers: (spec.containers ?? []).map((one) => defaultContainer(one, hostNetwork)),
    ...(spec.initContainers && {
      initContainers: spec.initContainers.map((one) => defaultContainer(one, hostNetwork)),
    }),
    ...(spec.volumes && { volumes: spec.volumes.map(defaultVolume) }),
  };
}

function defaultContainer(container: Container, hostNetwork: boolean): Container {
  const { image = '', ports, env } = container;
  const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'].filter((name) => container[name] !== undefined);
  return {
    imagePullPolicy: isMutableTag(image) ? 'Always' : 'IfNotPresent',
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    resources: {},
    ...container,
    ...(ports && {
      ports: ports.map((port) => ({
        protocol: 'TCP',
        ...port,
        ...(hostNetwork && { hostPort: port.hostPort ?? port.containerPort }),
      })),
    }),
    ...(env && {
      env: env.map((entry) => {
        const ref = entry.valueFrom?.fieldRef;
        return ref ? { ...entry, valueFrom: { fieldRef: { apiVersion: 'v1', ...ref } } } : entry;
      }),
    }),
    ...Object.fromEntries(probes.map((name) => [name, defaultProbe(container[name] as Record<string, unknown>)])),
  };
}

/** An image without a tag, or with `latest`, may be another one tomorrow. */
function isMutableTag(image: string): boolean {
  if (image.includes('@')) return false;
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  return tag === undefined || tag === 'latest';
}

function defaultProbe(probe: Record<string, unknown>): Record<string, unknown> {
  const { httpGet } = probe as { httpGet?: object };
  return {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
    ...probe,
    ...(httpGet && { httpGet: { path: '/', scheme: 'HTTP', ...httpGet } }),
  };
}

function defaultVolume(volume: Volume): Volume {
  const sources = ['configMap', 'secret', 'projected', 'downwardAPI'].filter((name) => volume[name] !== undefined);
  const modes = sources.map((name) => [name, { defaultMode: 420, ...(volume[name] as object) }] as const);
  return Object.keys(volume).length === 1 ? { ...volume, emptyDir: {} } : { ...volume, ...Object.fromEntries(modes) };
}
