/** A program: `node unpause.ts NODE`. Continues a paused node; a node that runs, or is gone, is fine. */
import { tryRun } from '../../core/command.ts';

const node = process.argv[2] ?? '';
const { exitCode, stderr } = await tryRun(['docker', 'unpause', node], { timeoutMs: 10_000 });
if (exitCode !== 0 && !/is not paused|No such container/i.test(stderr)) {
  process.stderr.write(`${stderr}\n`);
  process.exitCode = 1;
}
