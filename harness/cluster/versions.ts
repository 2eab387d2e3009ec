import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const schema = z.object({
  node: z.string(),
  kind: z.string(),
  kindNodeImage: z.string(),
  chaosMesh: z.string(),
  chaosMeshRepository: z.url(),
  coreDns: z.string(),
});

/** Every version that Blackstart pins, from `manifests/versions.yaml`. */
export type PinnedVersions = Readonly<z.infer<typeof schema>>;

let loaded: PinnedVersions | undefined;

/** Read once. Throws when the file is broken: it is part of the program. */
export function pinnedVersions(): PinnedVersions {
  loaded ??= schema.parse(parse(readFileSync(new URL('../../manifests/versions.yaml', import.meta.url), 'utf8')));
  return loaded;
}
