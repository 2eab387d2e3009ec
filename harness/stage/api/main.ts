/** The API server as a process; its flags are in serve/options.ts. */
import { flushCompileCache } from 'node:module';
import { systemClock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import { readOptions } from './serve/options.ts';
import { startApiServer, type ApiServer } from './serve/server.ts';

/** A process whose parent is gone has nobody to finish requests for. */
const orphanMs = 2_000;

async function main(): Promise<void> {
  const server = await startApiServer(readOptions(process.argv.slice(2)), systemClock);
  process.stderr.write(`serving on ${server.url}\n`);
  process.once('SIGTERM', () => void end(server));
  process.once('SIGINT', () => void end(server));
  // The parent holds the other end; it closes with the parent, however that ends.
  process.stdin.resume();
  for (const event of ['end', 'close', 'error'] as const) {
    process.stdin.once(event, () => {
      setTimeout(() => process.exit(0), orphanMs).unref();
      void end(server);
    });
  }
  await server.ready;
  process.stderr.write('ready\n');
  // The next process starts sooner and smaller; one that is killed would not write it.
  flushCompileCache();
}

async function end(server: ApiServer): Promise<void> {
  await server.close();
  process.exit(0);
}

try {
  await main();
} catch (problem) {
  process.stderr.write(`kube-apiserver: ${messageOf(problem)}\n`);
  process.exit(1);
}
