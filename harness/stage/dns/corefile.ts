/** A line of a Corefile with what is nested in it: a server block, a plugin, or an option of one. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly options: Directive[];
  /** From 1. */
  readonly line: number;
}

export interface ServerBlock {
  /** Lower case, without the last dot; the root is `.`. */
  readonly zone: string;
  readonly port: number;
  readonly plugins: readonly Directive[];
}

type Env = Readonly<Record<string, string | undefined>>;

/** Something in a Corefile that this server does not take. */
export class CorefileError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.name = 'CorefileError';
    this.line = line;
  }
}

/**
 * Reads a Corefile of one server block with one zone. `{$NAME}` is replaced by the environment; unset is empty.
 * Snippets, quotes, CIDR zones and transports other than plain DNS are refused. Throws a CorefileError.
 */
export function parseCorefile(text: string, env: Env): ServerBlock {
  const [block, second] = readDirectives(text, env);
  if (!block) throw new CorefileError(1, 'The file has no server block');
  if (second) throw new CorefileError(second.line, 'There may be only one server block here');
  const [, zone = '', port = '53'] = /^([^:/(),]+)(?::(\d+))?$/.exec(block.name) ?? [];
  if (zone === '' || block.args.length > 0 || Number(port) > 65_535) {
    const keys = [block.name, ...block.args].join(' ');
    throw new CorefileError(block.line, `'${keys}' is not a zone that this server takes: write zone:port, as in .:53`);
  }
  return { zone: normalZone(zone), port: Number(port), plugins: block.options };
}

/** Lower case and without the last dot, but for the root. */
export function normalZone(name: string): string {
  return name === '.' ? name : name.toLowerCase().replace(/\.$/, '');
}

function readDirectives(text: string, env: Env): readonly Directive[] {
  const blocks: Directive[] = [];
  const open: Directive[] = [];
  text.split('\n').forEach((raw, index) => {
    const line = index + 1;
    const replaced = raw.replace(/#.*/, '').replaceAll(/\{\$([^}]+)\}/g, (_, name: string) => env[name] ?? '');
    const words = replaced.split(/\s+/).filter((word) => word !== '');
    const [name = ''] = words;
    if (name === '') return;
    if (name === '}' && words.length === 1 && open.pop()) return;
    const opens = words.length > 1 && words.at(-1) === '{';
    const args = words.slice(1, opens ? -1 : undefined);
    const stray = [name, ...args].find((word) => ['{', '}'].includes(word) || word.includes('"'));
    if (stray !== undefined) throw new CorefileError(line, `Unexpected '${stray}'`);
    const directive = { name, args, options: [], line };
    (open.at(-1)?.options ?? blocks).push(directive);
    if (opens) open.push(directive);
    else if (open.length === 0) throw new CorefileError(line, "Expected '{' at the end of the line with the zone");
  });
  const [unfinished] = open;
  if (unfinished) throw new CorefileError(unfinished.line, "The block that begins here has no '}'");
  return blocks;
}
