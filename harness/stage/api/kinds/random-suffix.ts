import { randomInt } from 'node:crypto';

/** No vowels and nothing that looks alike: no words come out, as in Kubernetes. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Five characters for names that the server makes up. */
export function randomSuffix(): string {
  return Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join('');
}
