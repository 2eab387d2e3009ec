import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { BlackstartError } from '../core/errors.ts';

/** Name of the second API server's static pod; its container has it too, so that nobody takes it for the first. */
export const secondApiServer = 'kube-apiserver-second';
export const secondApiServerPort = 7443;

const firstPort = 6443;

const container = z.looseObject({
  name: z.string(),
  command: z.array(z.string()).min(1),
  ports: z.array(z.looseObject({})).optional(),
});
const pod = z.looseObject({
  metadata: z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
  spec: z.looseObject({ containers: z.tuple([container]) }),
});

/**
 * The manifest of a second API server beside the first one, from the first one's: another name, another port, and
 * registered nowhere, so that only who knows the port comes. Everything else, its priority levels too, is in the store.
 * Throws `cluster` for a manifest that is not one of an API server.
 */
export function secondApiServerManifest(first: string): string {
  const read = pod.safeParse(parse(first));
  if (!read.success) throw new BlackstartError('cluster', 'The manifest of kube-apiserver is not as kubeadm writes it');
  const { metadata, spec, ...rest } = read.data;
  const [{ command, ...only }] = spec.containers;
  const flags = command.filter((flag) => !/^--(?:secure-port|endpoint-reconciler-type)=/.test(flag));
  return stringify({
    ...rest,
    metadata: { ...metadata, name: secondApiServer, labels: { ...metadata.labels, component: secondApiServer } },
    spec: {
      ...spec,
      containers: [
        {
          ...(onOtherPort(only) as typeof only),
          name: secondApiServer,
          command: [...flags, `--secure-port=${secondApiServerPort}`, '--endpoint-reconciler-type=none'],
        },
      ],
    },
  });
}

/** Probes and ports name the port as a number, wherever it stands. */
function onOtherPort(value: unknown): unknown {
  if (value === firstPort) return secondApiServerPort;
  if (Array.isArray(value)) return value.map(onOtherPort);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, onOtherPort(one)]));
}
