import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { BlackstartError } from '../core/errors.ts';

/** With the defaults of kube-apiserver, for a manifest that does not name them. */
const limits = { '--max-requests-inflight': 400, '--max-mutating-requests-inflight': 200 } as const;

const container = z.looseObject({ command: z.array(z.string()).min(1) });
const pod = z.looseObject({ spec: z.looseObject({ containers: z.tuple([container]) }) });

/**
 * The manifest of kube-apiserver with so many times the requests in flight, from which the seats of every priority level
 * are shared out. Throws `cluster` for a manifest that is not one of an API server.
 */
export function withRaisedLimits(manifest: string, factor: number): string {
  const read = pod.safeParse(parse(manifest));
  if (!read.success) throw new BlackstartError('cluster', 'The manifest of kube-apiserver is not as kubeadm writes it');
  const { spec, ...rest } = read.data;
  const [{ command, ...only }] = spec.containers;
  const raised = Object.entries(limits).map(([flag, usual]) => {
    const found = command.find((one) => one.startsWith(`${flag}=`));
    return `${flag}=${factor * (found === undefined ? usual : Number(found.slice(flag.length + 1)))}`;
  });
  const others = command.filter((one) => !Object.keys(limits).some((flag) => one.startsWith(`${flag}=`)));
  return stringify({ ...rest, spec: { ...spec, containers: [{ ...only, command: [...others, ...raised] }] } });
}
