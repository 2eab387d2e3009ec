import { closeSync, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** The kernel's limit for the path of a Unix socket, less the closing zero. */
const maxBytes = 107;

/** A path for the same socket that is never too long. Call `close` when it was used. */
export function socketPath(path: string): { readonly path: string; readonly close: () => void } {
  if (Buffer.byteLength(path) <= maxBytes) return { path, close: () => undefined };
  const fd = openSync(dirname(path), 'r');
  return { path: `/proc/self/fd/${fd}/${basename(path)}`, close: () => closeSync(fd) };
}
