import { stripVTControlCharacters } from 'node:util';

/**
 * Text that may come from a cluster, made safe for a terminal: escape sequences, control characters and characters that
 * turn the direction of writing go; line breaks and tabs become spaces.
 */
export function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/[\t\n\r]+/g, ' ')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '');
}
