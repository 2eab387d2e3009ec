import { CorefileError } from './corefile-error.ts';
import { readTokens, type Token } from './tokens.ts';

/** A line of a Corefile with what is nested in it: a plugin, or an option of one. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly options: readonly Directive[];
  readonly line: number;
}

export interface ServerBlock {
  /** Lower case, without the last dot; the root is `.`. */
  readonly zones: readonly string[];
  readonly port: number;
  readonly directives: readonly Directive[];
  readonly line: number;
}

interface Zone {
  readonly zone: string;
  readonly port: number;
}

/**
 * Reads a Corefile. Snippets and imports, CIDR zones and transports other than plain DNS are refused.
 * Throws a CorefileError. `defaultPort` is for zones that name none.
 */
export function parseCorefile(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
  defaultPort = 53,
): ServerBlock[] {
  const lines = readTokens(text, env);
  const blocks: ServerBlock[] = [];
  while (lines.length > 0) blocks.push(...readServerBlock(lines, defaultPort));
  if (blocks.length === 0) throw new CorefileError(1, 'The file has no server block');
  return blocks;
}

/** One block of the file; several when its zones have different ports. */
function readServerBlock(lines: Token[][], defaultPort: number): ServerBlock[] {
  const keys: Token[] = [];
  let isOpen = false;
  for (let more = true; more && !isOpen;) {
    const tokens = lines.shift() ?? [];
    isOpen = tokens.at(-1)?.text === '{';
    keys.push(...tokens.slice(0, isOpen ? -1 : undefined));
    more = keys.at(-1)?.text.endsWith(',') === true && lines.length > 0;
  }
  const line = keys[0]?.line ?? 1;
  if (!isOpen) throw new CorefileError(line, "Expected '{' at the end of the line with the zones");
  const zones = keys.flatMap((key) =>
    key.text
      .split(',')
      .filter(Boolean)
      .map((one) => readZone(one, key.line, defaultPort)),
  );
  if (zones.length === 0) throw new CorefileError(line, 'The server block has no zone');
  const directives = readDirectives(lines, line);
  const byPort = Map.groupBy(zones, ({ port }) => port);
  return Array.from(byPort, ([port, some]) => ({ port, zones: some.map(({ zone }) => zone), directives, line }));
}

function readZone(key: string, line: number, defaultPort: number): Zone {
  const withoutScheme = key.replace(/^dns:\/\//, '');
  const match = /^([^:/()]+?)(?::(\d+))?$/.exec(withoutScheme);
  const port = Number(match?.[2] ?? defaultPort);
  if (!match?.[1] || port > 65_535) {
    throw new CorefileError(line, `'${key}' is not a zone that this server takes: write zone:port, as in .:53`);
  }
  return { zone: normalZone(match[1]), port };
}

/** Lower case and without the last dot, but for the root. */
export function normalZone(name: string): string {
  return name === '.' ? name : name.toLowerCase().replace(/\.$/, '');
}

/** Directives up to the closing brace, which is taken too. */
function readDirectives(lines: Token[][], openedAt: number): Directive[] {
  const directives: Directive[] = [];
  for (let tokens = lines.shift(); tokens !== undefined; tokens = lines.shift()) {
    const [first, ...rest] = tokens;
    if (first === undefined) continue;
    if (first.text === '}') {
      if (rest.length > 0) throw new CorefileError(first.line, "Expected nothing after '}'");
      return directives;
    }
    const opens = rest.at(-1)?.text === '{';
    const args = (opens ? rest.slice(0, -1) : rest).map(({ text }) => text);
    const stray = args.find((arg) => arg === '{' || arg === '}');
    if (stray !== undefined)
      throw new CorefileError(first.line, `Unexpected '${stray}': blocks end on lines of their own`);
    const options = opens ? readDirectives(lines, first.line) : [];
    directives.push({ name: first.text, args, options, line: first.line });
  }
  throw new CorefileError(openedAt, "The block that begins here has no '}'");
}
