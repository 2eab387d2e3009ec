/** Something in a Corefile that this server does not take. */
export class CorefileError extends Error {
  /** Where in the file, from 1. */
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.name = 'CorefileError';
    this.line = line;
  }
}
