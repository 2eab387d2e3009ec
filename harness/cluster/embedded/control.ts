import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../stage/node/ctl.ts', import.meta.url));

/** One call to a control socket as a command, so that any other process can make it: for undos. */
export function controlCommand(socket: string, path: string, body?: object): readonly string[] {
  return [process.execPath, program, socket, 'POST', path, ...(body ? [JSON.stringify(body)] : [])];
}
