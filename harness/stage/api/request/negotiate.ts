import { notAcceptable } from '../status.ts';

/** How an answer is wanted: as it is, or as what `as=` names. */
export interface Wanted {
  /** '' for the object itself, else for example `Table` or `APIGroupDiscoveryList`. */
  readonly as: string;
  readonly version: string;
}

/**
 * The first media type of an Accept header that can be had; 406 when there is none. Only JSON is spoken.
 * @param offered transformations, as `Table;v1`.
 */
export function negotiate(accept: string | undefined, offered: readonly string[]): Wanted {
  const plain: Wanted = { as: '', version: '' };
  if (accept === undefined || accept.trim() === '') return plain;
  for (const entry of accept.split(',')) {
    const [media = '', ...rest] = entry.split(';').map((part) => part.trim());
    if (!['application/json', 'application/*', '*/*'].includes(media.toLowerCase())) continue;
    const parameters = new Map(rest.map((part) => part.split('=', 2) as [string, string]));
    const as = parameters.get('as');
    const version = parameters.get('v') ?? '';
    if (as === undefined) return plain;
    if (offered.includes(`${as};${version}`)) return { as, version };
  }
  throw notAcceptable(['application/json']);
}
