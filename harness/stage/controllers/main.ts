/** The program of the static pod kube-controller-manager: the controllers, the scheduler and the PodChaos controller. */
import { randomInt } from 'node:crypto';
import { flushCompileCache } from 'node:module';
import { parseArgs } from 'node:util';
import { systemClock as clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import { poll } from '../../core/poll.ts';
import { seededRandom } from '../../core/random.ts';
import { readKubeconfig } from '../client/kubeconfig.ts';
import { openClient } from '../client/open-client.ts';
import { resources } from '../client/resources.ts';
import { startPodChaos } from '../podchaos/controller.ts';
import { startControllers } from './start.ts';

const { values } = parseArgs({
  // The manifest may carry more flags of the real program, for those who look.
  strict: false,
  options: { kubeconfig: { type: 'string' }, data: { type: 'string' } },
});
const { kubeconfig, data } = values as { kubeconfig: string; data: string };
const connection = readKubeconfig(kubeconfig);
const client = openClient({ ...connection, userAgent: 'kube-controller-manager/v1.34.0' });
const end = (): never => process.exit(0);
process.on('SIGTERM', end);
// Whoever started us holds the other end: when it is gone, so are we.
process.stdin.on('end', end).on('error', end).resume();

// As kube-controller-manager does: an informer that begins too early waits for its back-off.
const what = 'the API';
await poll(async () => await client.list(resources.namespaces), { clock, intervalMs: 100, what });
const random = seededRandom(randomInt(2 ** 32));
const onError = (where: string, problem: unknown): void => log(where, messageOf(problem));
const { started } = startControllers({ client, rootCa: connection.ca, clock, random, onError });
startPodChaos({ client, dataDir: data, clock, random, onProblem: (message) => log('podchaos', message) });
await started;
log('main', 'all controllers work');
// The next process starts sooner and smaller; one that is killed would not write it.
flushCompileCache();

function log(where: string, message: string): void {
  process.stderr.write(`${clock.now().toISOString()} ${where}: ${message}\n`);
}
