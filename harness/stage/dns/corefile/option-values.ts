import { CorefileError } from './corefile-error.ts';
import type { Directive } from './parse-corefile.ts';

/** Settings while they are read. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const unitMs = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const unit = 'ns|us|µs|ms|s|m|h';

/** The arguments of a directive. Throws a CorefileError unless there are `least` to `most`. */
export function argsOf({ name, args, line }: Directive, least: number, most = least): readonly string[] {
  if (args.length >= least && args.length <= most) return args;
  const wanted = least === most ? String(least) : `${least} to ${most === Infinity ? 'any number' : most}`;
  throw new CorefileError(line, `Wrong argument count for '${name}': ${args.length} instead of ${wanted}`);
}

/** For plugins that have no block. */
export function noOptions({ name, options }: Directive): void {
  const [first] = options;
  if (first) throw unknownOption(name, first);
}

export function unknownOption(plugin: string, option: Directive): CorefileError {
  return new CorefileError(option.line, `plugin/${plugin}: unknown option '${option.name}'`);
}

/** A whole number of at least `least`. */
export function integer({ name, line }: Directive, text: string | undefined, least: number): number {
  const value = /^-?\d+$/.test(text ?? '') ? Number(text) : NaN;
  if (value >= least) return value;
  throw new CorefileError(line, `'${name}' takes a whole number of at least ${least}, not '${text}'`);
}

/** Milliseconds of a duration as Go writes it: `50ms`, `1h30m`, `0`. */
export function durationMs({ name, line }: Directive, text: string | undefined): number {
  if (text === '0') return 0;
  if (text === undefined || !new RegExp(`^(\\d+(\\.\\d*)?(${unit}))+$`).test(text)) {
    throw new CorefileError(line, `'${name}' takes a duration such as 50ms, 5s or 1h30m, not '${text}'`);
  }
  const parts = [...text.matchAll(new RegExp(`([\\d.]+)(${unit})`, 'g'))];
  return parts.reduce((sum, [, count, one]) => sum + Number(count) * unitMs[one as keyof typeof unitMs], 0);
}
