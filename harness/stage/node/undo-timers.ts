import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a timer does when it fires: to a container or a static pod. */
export interface Undo {
  readonly kind: 'thaw' | 'restore' | 'remove';
  readonly target: string;
}

/** Undos that come by themselves, also after the agent was killed and started again: each is a file. */
export interface UndoTimers {
  /** On disk when this returns. Replaces one of the same name. */
  arm(name: string, withinMs: number, undo: Undo): void;
  disarm(name: string): void;
  names(): string[];
  /** The files stay for the next agent. */
  stop(): void;
}

/** How often they are looked at; one that failed is tried again then. */
const lookMs = 200;

export function startUndoTimers(folder: string, carryOut: (undo: Undo) => Promise<void>): UndoTimers {
  mkdirSync(folder, { recursive: true });
  const pathOf = (name: string): string => join(folder, `${name}.json`);
  const disarm = (name: string): void => rmSync(pathOf(name), { force: true });
  const names = (): string[] => {
    const files = readdirSync(folder).filter((file) => /^[^.].*\.json$/.test(file));
    return files.map((file) => file.slice(0, -'.json'.length));
  };
  const look = (): void => {
    for (const name of names()) {
      const { dueAt, ...undo } = JSON.parse(readFileSync(pathOf(name), 'utf8')) as Undo & { dueAt: number };
      if (dueAt > Date.now()) continue;
      carryOut(undo).then(
        () => disarm(name),
        () => undefined,
      );
    }
  };
  const interval = setInterval(look, lookMs);
  look();
  return {
    arm: (name, withinMs, undo) => {
      const fresh = join(folder, `.${name}`);
      // Wall clock, so that it means the same to the next agent.
      writeFileSync(fresh, JSON.stringify({ ...undo, dueAt: Date.now() + withinMs }), { flush: true });
      renameSync(fresh, pathOf(name));
    },
    disarm,
    names,
    stop: () => clearInterval(interval),
  };
}
