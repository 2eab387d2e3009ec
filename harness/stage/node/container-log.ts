import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { nanoTime } from './time.ts';

/** The kubelet's default (containerLogMaxSize). One older file of that size is kept. */
const defaultMaxBytes = 10 * 1_024 * 1_024;
/** A longer line is written in parts. */
const maxLine = 16_384;

export interface LogQuery {
  readonly tailLines?: number | undefined;
  /** Only what was written at or after this moment (RFC 3339). */
  readonly sinceTime?: string | undefined;
  /** Puts the time before every line. */
  readonly timestamps?: boolean;
}

/** What one attempt of a container wrote, line by line as `TIME stdout|stderr F|P TEXT` (the CRI's format). */
export class ContainerLog {
  readonly path: string;
  readonly #maxBytes: number;
  readonly #followers = new Set<Follower>();
  #fd: number | undefined;
  #bytes = 0;
  /** Streams that have not ended; undefined before the first. */
  #open: number | undefined;

  constructor(path: string, maxBytes = defaultMaxBytes) {
    this.path = path;
    this.#maxBytes = maxBytes;
    // The file is there even when nothing is ever written: its name counts the attempt.
    this.#try(() => this.#openFile());
  }

  /** Takes a stream of a process until it ends. The log is complete when all of its streams have. */
  attach(name: 'stdout' | 'stderr', stream: Readable): void {
    let rest = '';
    this.#open = (this.#open ?? 0) + 1;
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#write(name, 'F', line);
      for (; rest.length > maxLine; rest = rest.slice(maxLine)) this.#write(name, 'P', rest.slice(0, maxLine));
    });
    stream.on('close', () => {
      if (rest !== '') this.#write(name, 'F', rest);
      this.#open = (this.#open ?? 1) - 1;
      if (this.#open === 0) this.#close();
    });
  }

  /** Sends what there is, and what comes until the log is complete or the returned function is called. */
  follow(query: LogQuery, onText: (text: string) => void, onEnd: () => void): () => void {
    onText(readLog(this.path, query));
    const follower = { onText: (line: string) => onText(render(line, query.timestamps)), onEnd };
    if (this.#open === 0) onEnd();
    else this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  #write(stream: string, tag: 'F' | 'P', text: string): void {
    const line = `${nanoTime()} ${stream} ${tag} ${text}\n`;
    this.#try(() => {
      if (this.#bytes > this.#maxBytes) this.#rotate();
      this.#bytes += writeSync(this.#openFile(), line);
    });
    for (const follower of this.#followers) follower.onText(line);
  }

  /** A full disk loses lines, not pods. */
  #try(work: () => void): void {
    try {
      work();
    } catch {
      // See above.
    }
  }

  #openFile(): number {
    if (this.#fd !== undefined) return this.#fd;
    mkdirSync(dirname(this.path), { recursive: true });
    this.#fd = openSync(this.path, 'a');
    return this.#fd;
  }

  #rotate(): void {
    this.#closeFile();
    this.#bytes = 0;
    renameSync(this.path, `${this.path}.1`);
  }

  #closeFile(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #close(): void {
    this.#closeFile();
    for (const follower of this.#followers) follower.onEnd();
    this.#followers.clear();
  }
}

interface Follower {
  readonly onText: (line: string) => void;
  readonly onEnd: () => void;
}

/** The text of a log file; empty when it is not there. */
export function readLog(path: string, query: LogQuery): string {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const lines = text.split(/(?<=\n)/).filter((line) => line !== '' && !isOlder(line, query.sinceTime));
  const { tailLines } = query;
  const wanted = tailLines === undefined ? lines : tailLines === 0 ? [] : lines.slice(-tailLines);
  return wanted.map((line) => render(line, query.timestamps)).join('');
}

function isOlder(line: string, sinceTime: string | undefined): boolean {
  return sinceTime !== undefined && Date.parse(line.slice(0, line.indexOf(' '))) < Date.parse(sinceTime);
}

/** `TIME STREAM TAG TEXT\n` as `[TIME ]TEXT\n`; a part of a line has no line end. */
function render(line: string, timestamps = false): string {
  const [time = '', , tag] = line.split(' ', 3);
  const text = line.slice(time.length + ' stdout F '.length);
  return `${timestamps ? `${time} ` : ''}${tag === 'P' ? text.slice(0, -1) : text}`;
}
