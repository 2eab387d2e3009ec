import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** What a timer does when it fires. */
export interface Undo {
  readonly kind: 'thaw' | 'restore';
  /** Of a container or a static pod. */
  readonly target: string;
}

interface Timer extends Undo {
  /** Wall clock, so that it means the same to the next agent. */
  readonly dueAt: string;
}

const retryMs = 1_000;
/** The longest that a timer of Node can wait. */
const maxMs = 2 ** 31 - 1;

/** Undos that come by themselves, also after the agent was killed and started again: each is a file. */
export class UndoTimers {
  readonly #folder: string;
  readonly #carryOut: (undo: Undo) => Promise<void>;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(folder: string, carryOut: (undo: Undo) => Promise<void>) {
    this.#folder = folder;
    this.#carryOut = carryOut;
    mkdirSync(folder, { recursive: true });
  }

  /** Sets what an agent before us has armed; what is overdue comes at once. */
  load(): void {
    for (const name of this.names()) {
      const timer = JSON.parse(readFileSync(this.#path(name), 'utf8')) as Timer;
      this.#set(name, timer, Date.parse(timer.dueAt) - Date.now());
    }
  }

  /** On disk when this returns. Replaces one of the same name. */
  arm(name: string, withinMs: number, undo: Undo): void {
    const timer: Timer = { ...undo, dueAt: new Date(Date.now() + withinMs).toISOString() };
    const fresh = join(this.#folder, `.${name}`);
    const fd = openSync(fresh, 'w');
    writeSync(fd, JSON.stringify(timer));
    fsyncSync(fd);
    closeSync(fd);
    renameSync(fresh, this.#path(name));
    this.#set(name, timer, withinMs);
  }

  disarm(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    rmSync(this.#path(name), { force: true });
  }

  names(): string[] {
    return readdirSync(this.#folder)
      .filter((file) => /^[^.].*\.json$/.test(file))
      .map((file) => file.slice(0, -'.json'.length));
  }

  /** Forgets the timers of this process; the files stay for the next one. */
  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #set(name: string, undo: Undo, inMs: number): void {
    clearTimeout(this.#timers.get(name));
    const fire = (): void => {
      this.#carryOut(undo).then(
        () => this.disarm(name),
        () => this.#set(name, undo, retryMs),
      );
    };
    this.#timers.set(name, setTimeout(fire, Math.min(Math.max(0, inMs), maxMs)));
  }

  #path(name: string): string {
    return join(this.#folder, `${name}.json`);
  }
}
