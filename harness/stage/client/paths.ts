import type { Resource } from './types.ts';

/** The path of a collection, an object or a subresource, percent-encoded. */
export function resourcePath(
  { group, version, plural }: Resource,
  namespace: string | undefined,
  name?: string,
  subresource?: string,
): string {
  const within = namespace === undefined || plural === 'namespaces' ? [] : ['namespaces', namespace];
  const parts = [...(group === '' ? ['api', version] : ['apis', group, version]), ...within, plural, name, subresource];
  return `/${parts.flatMap((part) => (part === undefined ? [] : encodeURIComponent(part))).join('/')}`;
}
