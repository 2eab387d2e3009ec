import { CorefileError } from './corefile-error.ts';

export interface Token {
  readonly text: string;
  readonly line: number;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Words, quoted words, and comments, which begin with `#` wherever it stands. */
const pattern = /"((?:[^"\\]|\\[^])*)("?)|#.*|[^\s"#][^\s#]*/g;

/** The words of a Corefile by line. `{$NAME}` and `{%NAME%}` are replaced by the environment; unset is empty. */
export function readTokens(text: string, env: Env): Token[][] {
  const lines: Token[][] = [];
  let line = 1;
  let readTo = 0;
  for (const match of text.replace(/^\uFEFF/, '').matchAll(pattern)) {
    line += newlines(text.slice(readTo, match.index));
    readTo = match.index;
    const [whole, quoted, endQuote] = match;
    if (whole.startsWith('#')) continue;
    if (quoted !== undefined && endQuote === '') throw new CorefileError(line, 'The quoted text does not end');
    const word = replaceEnv(quoted?.replaceAll('\\"', '"') ?? whole, env);
    const current = lines.at(-1);
    if (current?.[0]?.line === line) current.push({ text: word, line });
    else lines.push([{ text: word, line }]);
  }
  return lines;
}

function newlines(text: string): number {
  return text.split('\n').length - 1;
}

function replaceEnv(word: string, env: Env): string {
  return word.replaceAll(/\{\$([^}]+)\}|\{%([^%]+)%\}/g, (_, unix?: string, windows?: string) => {
    return env[unix ?? windows ?? ''] ?? '';
  });
}
