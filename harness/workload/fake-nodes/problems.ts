/** More different ones than that say nothing new. */
const maxKinds = 10;

/** What went wrong, the newest last, each kind once with how often it happened. */
export class Problems {
  readonly #times = new Map<string, number>();

  add(problem: unknown): void {
    const text = problem instanceof Error ? problem.message : String(problem);
    // The names of objects differ; what went wrong is the same.
    const kind = text.replaceAll(/\b(blackstart-)?fake-\d[\d-]*/g, '$1fake-…');
    const times = this.#times.get(kind) ?? 0;
    this.#times.delete(kind);
    this.#times.set(kind, times + 1);
    const [oldest] = this.#times.keys();
    if (oldest !== undefined && this.#times.size > maxKinds) this.#times.delete(oldest);
  }

  list(): string[] {
    return [...this.#times].map(([kind, times]) => (times === 1 ? kind : `${kind} (${times} times)`));
  }
}
