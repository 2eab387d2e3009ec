import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ContainerLog, readLog } from './container-log.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-log-'));
  path = join(folder, 'main', '0.log');
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Writes to a log as a process does, until its streams are closed. */
async function writeAll(log: ContainerLog, ...chunks: string[]): Promise<void> {
  const stream = new PassThrough();
  log.attach('stdout', stream);
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await finished(stream);
}

test('every line has its time, its stream and a tag, however it was cut into chunks', async () => {
  await writeAll(new ContainerLog(path), 'one\ntw', 'o\n\nthree');
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z stdout F /);
  expect(readLog(path, {})).toBe('one\ntwo\n\nthree\n');
});

test('a very long line is written in parts and read as one', async () => {
  const long = 'x'.repeat(50_000);
  await writeAll(new ContainerLog(path), `${long}\nend\n`, long);
  expect(readLog(path, {})).toBe(`${long}\nend\n${long}\n`);
});

test('the last lines, the lines since a moment, and their times', async () => {
  await writeAll(new ContainerLog(path), 'one\ntwo\nthree\n');
  expect(readLog(path, { tailLines: 2 })).toBe('two\nthree\n');
  expect(readLog(path, { tailLines: 0 })).toBe('');
  expect(readLog(path, { sinceTime: '2100-01-01T00:00:00Z' })).toBe('');
  expect(readLog(path, { sinceTime: '2000-01-01T00:00:00Z' })).toBe('one\ntwo\nthree\n');
  expect(readLog(path, { tailLines: 1, timestamps: true })).toMatch(/^\d{4}-.*Z three\n$/);
  expect(readLog(join(folder, 'none'), {})).toBe('');
});

test('a file that is full makes room for a new one, and one old file is kept', async () => {
  const log = new ContainerLog(path, 200);
  await writeAll(log, Array.from({ length: 20 }, (_, index) => `line ${index}\n`).join(''));
  expect(readLog(path, {})).toMatch(/line 19\n$/);
  expect(readLog(`${path}.1`, {})).toMatch(/^line/);
  expect(readFileSync(path).length).toBeLessThan(400);
  expect(existsSync(`${path}.2`)).toBe(false);
});

test('a follower hears what there is and what comes, each once, until all streams have closed', async () => {
  const log = new ContainerLog(path);
  const heard: string[] = [];
  const ended = Promise.withResolvers<void>();
  const [out, err] = [new PassThrough(), new PassThrough()];
  log.attach('stdout', out);
  log.attach('stderr', err);
  const written = once(log);
  out.write('before\n');
  await written;
  log.follow({}, (text) => heard.push(text), ended.resolve);
  out.end('after\n');
  await finished(out);
  err.end('last\n');
  await ended.promise;
  expect(heard.join('')).toBe('before\nafter\nlast\n');
});

test('the follower of a complete log hears its end at once; one that left hears nothing', async () => {
  const log = new ContainerLog(path);
  const heard: string[] = [];
  const leave = log.follow(
    {},
    (text) => heard.push(text),
    () => heard.push('end'),
  );
  leave();
  await writeAll(log, 'one\n');
  expect(heard.join('')).toBe('');
  log.follow(
    { tailLines: 1 },
    (text) => heard.push(text),
    () => heard.push('end'),
  );
  expect(heard).toEqual(['', 'one\n', 'end']);
});

test('what cannot be written is lost, and nothing else happens', async () => {
  writeFileSync(join(folder, 'main'), 'a file where a folder should be');
  const log = new ContainerLog(path);
  const heard: string[] = [];
  log.follow(
    {},
    (text) => heard.push(text),
    () => heard.push('end'),
  );
  await writeAll(log, 'one\n');
  expect(heard).toEqual(['', 'one\n', 'end']);
});

/** Resolves when the log is written to. */
async function once(log: ContainerLog): Promise<void> {
  await new Promise<void>((resolve) => {
    log.follow({}, (text) => text !== '' && resolve(), resolve);
  });
}
