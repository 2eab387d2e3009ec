import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Clock } from './clock.ts';
import { BlackstartError, messageOf } from './errors.ts';
import { schemaVersion, type Emit, type RunEvent } from './events.ts';

/** An open event log: append-only, one JSON object per line. */
export interface EventLog {
  readonly emit: Emit;
  /** Milliseconds since the start of the run: the clock of every event. */
  readonly nowMs: () => number;
  /** Adds somebody who is told every event after it was written. */
  subscribe(watcher: (event: RunEvent) => void): void;
  /** Why events could not be written; empty while all is well. */
  readonly problems: readonly string[];
  close(): void;
}

/** Creates the file; it must not exist yet. Time 0 is now. */
export function openEventLog(path: string, clock: Clock): EventLog {
  const file = openSync(path, 'ax', 0o644);
  const startMs = clock.monotonicMs();
  const watchers: ((event: RunEvent) => void)[] = [];
  const nowMs = (): number => clock.monotonicMs() - startMs;
  const problems: string[] = [];
  let seq = 0;
  let isOpen = true;
  return {
    nowMs,
    emit: (body) => {
      // Its descriptor may be another file's by now: the next run of a study opens its log under the same number.
      if (!isOpen) return;
      const monotonicMs = Number(nowMs().toFixed(3));
      const event: RunEvent = { seq: seq++, monotonicMs, ...body };
      try {
        writeSync(file, `${JSON.stringify(event)}\n`);
      } catch (problem) {
        // A full disk must not keep the run from being undone; the judge will find the log torn.
        problems.push(messageOf(problem));
      }
      for (const watcher of watchers) watcher(event);
    },
    subscribe: (watcher) => watchers.push(watcher),
    problems,
    close: () => {
      if (isOpen) closeSync(file);
      isOpen = false;
    },
  };
}

/**
 * Reads an event log. A torn last line (the process died while it wrote) is left out; any other broken line is an error.
 * Throws `usage` for a log of a newer version than this program knows.
 */
export function readEventLog(path: string): RunEvent[] {
  return parseEventLog(readFileSync(path, 'utf8'), path);
}

/** The same for a text; `path` is only for messages. */
export function parseEventLog(text: string, path: string): RunEvent[] {
  const lines = text.split('\n');
  const torn = lines.pop();
  const events = lines.map((line, index) => parseLine(line, index, path));
  if (torn !== undefined && torn !== '') {
    try {
      events.push(parseLine(torn, lines.length, path));
    } catch {
      // The last line has no end: the writer died in the middle of it.
    }
  }
  const first = events[0];
  if (first?.type !== 'run-started') {
    throw new BlackstartError('usage', `${path} is not an event log: it does not begin with run-started`);
  }
  if (first.schemaVersion > schemaVersion) {
    throw new BlackstartError(
      'usage',
      `${path} has schema version ${first.schemaVersion}, newer than ${schemaVersion}`,
      {
        hint: 'Use the Blackstart version that wrote it, or a newer one.',
      },
    );
  }
  return events;
}

function parseLine(line: string, index: number, path: string): RunEvent {
  try {
    const event = JSON.parse(line) as RunEvent;
    if (typeof event.type === 'string' && event.seq === index) return event;
  } catch {
    // Told below, with the line's number.
  }
  throw new BlackstartError('usage', `${path}, line ${index + 1}: not an event of this log`);
}
