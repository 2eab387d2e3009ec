/**
 * `@peculiar/x509` loads `tsyringe`, which refuses to load without the metadata functions of `Reflect`. Nothing that we use
 * is injected by type, so functions that know no metadata are enough.
 */
Object.assign(Reflect, {
  getMetadata: () => undefined,
  getOwnMetadata: () => undefined,
  defineMetadata: () => undefined,
});

export const x509 = await import('@peculiar/x509');
