import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const bin = new URL('./bin.js', import.meta.url).pathname;

/** For tests: a place with programs of our own instead of docker, kind and the like. */
export interface FakeMachine {
  readonly root: string;
  /** Where results are kept. */
  readonly runs: string;
  /** Starts `blackstart`, which finds those programs first. */
  start(this: void, ...args: readonly string[]): { readonly child: ChildProcess; readonly output: () => string };
}

/** Each program is the body of a shell script; `$ROOT` is the machine's own folder. */
export function fakeMachine(programs: Readonly<Record<string, string>>): FakeMachine {
  const root = mkdtempSync(join(tmpdir(), 'blackstart-machine-'));
  const folder = join(root, 'bin');
  mkdirSync(folder);
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  const env = {
    ...process.env,
    ROOT: root,
    PATH: `${folder}:${process.env['PATH']}`,
    XDG_STATE_HOME: root,
    BLACKSTART_EMBEDDED_DIR: join(root, 'embedded'),
  };
  return {
    root,
    runs: join(root, 'runs'),
    start: (...args) => {
      let output = '';
      const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'], cwd: root, env });
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
      return { child, output: () => output };
    },
  };
}
