import type { RungContext } from './context.ts';

/** The name of a priority level; its UID when nobody can be asked for the name. */
export async function levelName(uid: string | null, { cluster, memory }: RungContext): Promise<string | null> {
  if (uid === null) return null;
  try {
    memory.levels ??= new Map(
      (
        await cluster.api.list({ apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'PriorityLevelConfiguration' })
      ).map(({ metadata }) => [metadata.uid ?? '', metadata.name]),
    );
  } catch {
    // Asked again with the next call.
  }
  return memory.levels?.get(uid) ?? uid;
}
