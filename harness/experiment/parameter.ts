/**
 * A setting of an experiment that the user may change with `--set NAME=VALUE`. Its name is the key under which it is
 * declared. Only declared parameters can be set, and each reads its own text.
 */
export interface Parameter<T> {
  /** What may be written, for `list`: `duration (incident time)`, `restart | down`, `integer, 1 to 9`. */
  readonly type: string;
  readonly default: T;
  /** The default as the user would write it. */
  readonly defaultText: string;
  readonly meaning: string;
  /** Reads what the user wrote. Throws `usage` (or `invalid-experiment` for a file) that says what was expected. */
  parse(text: string): T;
  /** The text that `parse` turns into this value again. */
  format(value: T): string;
}

export type Parameters = Readonly<Record<string, Parameter<unknown>>>;

/** The values of declared parameters, each with its own type: what `define` receives. */
export type Values<P extends Parameters> = {
  readonly [Name in keyof P]: P[Name] extends Parameter<infer T> ? T : never;
};

/** The value of every declared parameter of an experiment whose types are no longer known. */
export type Settings = Readonly<Record<string, unknown>>;
