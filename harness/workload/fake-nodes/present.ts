import type { Api } from './api.ts';
import { fakeLabel, namespace } from './objects.ts';

interface Item {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

interface List {
  readonly metadata: { readonly continue?: string };
  readonly items: readonly Item[];
}

/** A page of pods costs the API server some 30 ms; all of them at once, half a second. */
const pageSize = 500;

/** What is there already, and as it should be. */
export interface Present {
  /** Nodes that are Ready: their uids by name. */
  readonly nodes: ReadonlyMap<string, string>;
  /** Names of pods that run. */
  readonly pods: ReadonlySet<string>;
}

export async function readPresent(api: Api): Promise<Present> {
  const nodes = new Map<string, string>();
  const pods = new Set<string>();
  for await (const { metadata, status } of pages(api, '/api/v1/nodes', `${fakeLabel}=true`)) {
    const isReady = status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True');
    if (isReady) nodes.set(metadata.name, metadata.uid);
  }
  for await (const { metadata, status } of pages(api, `/api/v1/namespaces/${namespace}/pods`, `${fakeLabel}=true`)) {
    if (status?.phase === 'Running') pods.add(metadata.name);
  }
  return { nodes, pods };
}

async function* pages(api: Api, path: string, labelSelector: string): AsyncGenerator<Item> {
  let after: string | undefined;
  do {
    const query = new URLSearchParams({ labelSelector, limit: String(pageSize), ...(after && { continue: after }) });
    const { text } = await api.call('GET', `${path}?${query.toString()}`, undefined, [200]);
    const list = JSON.parse(text) as List;
    yield* list.items;
    after = list.metadata.continue;
  } while (after);
}
