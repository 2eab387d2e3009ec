import type { Resource } from './types.ts';

/** The path of a collection, an object or a subresource, percent-encoded. */
export function resourcePath(
  { group, version, plural }: Resource,
  namespace: string | undefined,
  name?: string,
  subresource?: string,
): string {
  const parts = group === '' ? ['api', version] : ['apis', group, version];
  if (namespace !== undefined && plural !== 'namespaces') parts.push('namespaces', namespace);
  parts.push(plural);
  if (name !== undefined) parts.push(name);
  if (subresource !== undefined) parts.push(subresource);
  return `/${parts.map(encodeURIComponent).join('/')}`;
}

/** `?a=b&…`, or nothing when every value is undefined. */
export function queryString(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) if (value !== undefined) query.set(key, String(value));
  return query.size === 0 ? '' : `?${query.toString()}`;
}
