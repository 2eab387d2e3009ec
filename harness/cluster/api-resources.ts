import { z } from 'zod';
import { ApiError } from './api-error.ts';
import type { SendCall } from './api-connection.ts';

/** What the path of an object is made of. */
interface ResourcePath {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

const resourceList = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});

/** Finds the path of objects by asking the API server which resources it serves; remembers what it was told. */
export interface ApiResources {
  /**
   * Undefined when the API server does not serve that group and version (a CRD that is not installed).
   * Rejects for a kind that the group does not have.
   */
  path(where: ResourcePath): Promise<string | undefined>;
}

export function openApiResources(send: SendCall): ApiResources {
  const known = new Map<string, readonly Resource[]>();
  return {
    path: async ({ apiVersion, kind, namespace, name }) => {
      const root = `/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}`;
      let resource = findResource(known.get(root), kind);
      if (!resource) {
        const served = await askFor(send, root);
        if (!served) return undefined;
        known.set(root, served);
        resource = findResource(served, kind);
      }
      if (!resource) throw new ApiError(`The API server knows no kind ${kind} in ${apiVersion}`, 404);
      const scope = resource.namespaced ? namespaceOf(namespace, name) : undefined;
      return [
        root,
        ...(scope === undefined ? [] : ['namespaces', encodeURIComponent(scope)]),
        resource.name,
        ...(name === undefined ? [] : [encodeURIComponent(name)]),
      ].join('/');
    },
  };
}

/** A single object without a namespace is in `default`; a list without one is of all namespaces. */
function namespaceOf(namespace: string | undefined, name: string | undefined): string | undefined {
  return namespace ?? (name === undefined ? undefined : 'default');
}

function findResource(resources: readonly Resource[] | undefined, kind: string): Resource | undefined {
  return resources?.find((one) => one.kind === kind && !one.name.includes('/'));
}

async function askFor(send: SendCall, root: string): Promise<readonly Resource[] | undefined> {
  const { status, body } = await send({ method: 'GET', path: root });
  if (status === 404) return undefined;
  if (status !== 200) throw new ApiError(`GET ${root}: ${status}`, status);
  return resourceList.parse(JSON.parse(body)).resources;
}
