import type { Lookup } from '../lookup.ts';

/** ConfigMaps and secrets by `namespace/name`; tokens are numbered. */
export function fakeLookup(data: Readonly<Record<string, Record<string, string>>>): Lookup {
  let tokens = 0;
  const find = async (namespace: string, name: string): Promise<Map<string, Buffer> | undefined> => {
    const found = data[`${namespace}/${name}`];
    return found && new Map(Object.entries(found).map(([key, value]) => [key, Buffer.from(value)]));
  };
  return {
    configMap: find,
    secret: find,
    token: async () => {
      tokens += 1;
      return `token-${tokens}`;
    },
  };
}
