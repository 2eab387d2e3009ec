import { CorefileError, type Directive } from './corefile.ts';

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Hands every option of a plugin to its reader. Throws a CorefileError for one that has none. */
export function readOptions(
  { name, options }: Directive,
  readers: Readonly<Record<string, (option: Directive) => void>>,
): void {
  for (const option of options) {
    const read = Object.hasOwn(readers, option.name) ? readers[option.name] : undefined;
    if (!read) throw new CorefileError(option.line, `plugin/${name}: unknown option '${option.name}'`);
    read(option);
  }
}

/** The arguments of a directive. Throws a CorefileError unless there are `least` to `most`. */
export function argsOf({ name, args, line }: Directive, least: number, most = least): readonly string[] {
  if (args.length >= least && args.length <= most) return args;
  const wanted = least === most ? String(least) : `${least} to ${most === Infinity ? 'any number' : most}`;
  throw new CorefileError(line, `Wrong argument count for '${name}': ${args.length} instead of ${wanted}`);
}

/** A whole number of at least `least`; without `text` the only argument of the directive. */
export function integer(directive: Directive, least: number, text = argsOf(directive, 1)[0]): number {
  const value = /^\d+$/.test(text ?? '') ? Number(text) : NaN;
  if (value >= least) return value;
  throw new CorefileError(
    directive.line,
    `'${directive.name}' takes a whole number of at least ${least}, not '${text}'`,
  );
}

/** Milliseconds of a duration as Go writes it, such as `50ms`, `1h30m` or `0`; without `text` of the only argument. */
export function durationMs(directive: Directive, text = argsOf(directive, 1)[0] ?? ''): number {
  if (text === '0') return 0;
  if (!/^(\d+(\.\d*)?(ms|s|m|h))+$/.test(text)) {
    const message = `'${directive.name}' takes a duration such as 50ms, 5s or 1h30m, not '${text}'`;
    throw new CorefileError(directive.line, message);
  }
  const parts = [...text.matchAll(/([\d.]+)(ms|s|m|h)/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * unitMs[unit as keyof typeof unitMs], 0);
}
