import { encode } from 'dns-packet';
import type { Query } from '../plugin.ts';

const headerBytes = 12;

/** The same query for another name. */
export function makeQuery(like: Query, name: string): Query {
  const question = encode({ type: 'query', questions: [{ name, type: questionType(like) }] }).subarray(headerBytes);
  return { ...like, name, key: name.toLowerCase(), question };
}

/** Only addresses are looked up on behalf of others. */
function questionType({ type }: Query): 'A' | 'AAAA' {
  return type === 'AAAA' ? 'AAAA' : 'A';
}
