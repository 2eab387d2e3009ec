import { z } from 'zod';
import { BlackstartError } from '../core/errors.ts';

/** Every cluster of ours has a name that begins so. */
export const clusterPrefix = 'blackstart-';

/** The file in the control-plane node that proves, with the API down, that we made the cluster. */
export const markPath = '/etc/blackstart/cluster.json';

const schema = z.object({ madeBy: z.literal('blackstart'), name: z.string(), createdAt: z.string() });

/** What the mark says. */
export type ClusterMark = Readonly<z.infer<typeof schema>>;

/** Throws `foreign-cluster` unless the name is one that we would give; it is also safe as an argument and a folder. */
export function assertOurName(name: string): void {
  if (/^blackstart-[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name)) return;
  const ours = name.startsWith(clusterPrefix);
  throw new BlackstartError(
    'foreign-cluster',
    ours
      ? `'${name}' is no name for a cluster`
      : `Cluster '${name}' is not one of ours: its name must begin with '${clusterPrefix}'`,
    { hint: `Use ${clusterPrefix} and then up to 40 small letters, digits and '-'.` },
  );
}

/** The mark as text for the file. */
export function writeMark(name: string, createdAt: Date): string {
  return JSON.stringify({ madeBy: 'blackstart', name, createdAt: createdAt.toISOString() } satisfies ClusterMark);
}

/** The mark, or undefined when the text is not the mark of this cluster. */
export function readMark(text: string, name: string): ClusterMark | undefined {
  try {
    const mark = schema.parse(JSON.parse(text));
    return mark.name === name ? mark : undefined;
  } catch {
    return undefined;
  }
}

/** The error for a cluster that somebody else made. */
export function foreignCluster(name: string): BlackstartError {
  return new BlackstartError(
    'foreign-cluster',
    `Cluster '${name}' was not made by Blackstart: it lacks the mark ${markPath}`,
    {
      hint: 'Blackstart breaks control planes, so it touches only clusters of its own. Leave --cluster out to get a new one.',
    },
  );
}
